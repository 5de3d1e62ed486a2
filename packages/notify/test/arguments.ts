import { textArbitrary } from "@stellaops/testkit";
import type { Arguments } from "@stellaops/testkit/module";
import fc, { type Arbitrary } from "fast-check";
import { ids, keys } from "./pools.ts";
import { minute, noon } from "./samples.ts";

export const record = <T>(of: { [K in keyof T]: Arbitrary<T[K]> }) => fc.record(of, { noNullPrototype: true });
export const partial = <T, K extends keyof T>(of: { [P in keyof T]: Arbitrary<T[P]> }, requiredKeys: K[]) =>
  fc.record(of, { noNullPrototype: true, requiredKeys });

export const id = fc.constantFrom(...ids);
export const key = fc.constantFrom(...keys);
export const oddKey = fc.oneof({ weight: 6, arbitrary: key }, textArbitrary(), fc.constant("\0"));
export const oddId = fc.oneof({ weight: 8, arbitrary: id }, fc.constant("no id"));
export const when = fc.constantFrom(noon, minute(1), minute(2), minute(-1), new Date("0001-01-01T00:00:00.000Z"));
/** What is stored at first is at 1. */
export const revision = fc.constantFrom(0n, 1n, 1n, 2n, 3n);
export const page = record({ limit: fc.constantFrom(1, 2, 5) });
export const limit = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(1, 2, 3) }, fc.constant(0));
export const dated = { id, createdAt: when, updatedAt: when };
export const few = <T>(of: Arbitrary<T>) => fc.array(of, { maxLength: 3 });

/** Ends after it begins, mostly. */
export const lease = fc
  .constantFrom([noon, minute(2)], [minute(1), minute(9)], [minute(6), minute(9)], [minute(2), minute(1)])
  .map(([at, until]) => ({ at, until }));
export const claiming = fc
  .tuple(record({ limit, holder: key, claimId: oddId }), lease)
  .map(([request, { at, until }]) => ({ ...request, at, until }));
export const claimRef = record({ id: oddId, holder: key, attempt: fc.constantFrom(1n, 1n, 2n, 0n) });

export const common = { get: fc.tuple(oddId), list: fc.tuple(page) };
export const of = (name: string, verbs: Arguments): Arguments =>
  Object.fromEntries(Object.entries(verbs).map(([verb, args]) => [`${name}.${verb}`, args]));
