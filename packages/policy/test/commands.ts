import { arbitraryOf, purgeArbitrary, textArbitrary } from "@stellaops/testkit";
import type { Arguments, Commands } from "@stellaops/testkit/module";
import fc, { type Arbitrary } from "fast-check";
import { audit, exceptions, explanations, packs, packVersions, riskProfiles, runStates } from "../src/aggregates.ts";
import { exceptionStatuses, packHash } from "../src/index.ts";
import { initial } from "./initial.ts";
import { ids, keys } from "./pools.ts";
import { minute, noon, packVersion } from "./samples.ts";

const record = <T>(of: { [K in keyof T]: Arbitrary<T[K]> }) => fc.record(of, { noNullPrototype: true });
const partial = <T, K extends keyof T>(of: { [P in keyof T]: Arbitrary<T[P]> }, requiredKeys: K[]) =>
  fc.record(of, { noNullPrototype: true, requiredKeys });

const id = fc.constantFrom(...ids);
const key = fc.constantFrom(...keys);
const oddKey = fc.oneof({ weight: 6, arbitrary: key }, textArbitrary(), fc.constant("\0"));
const oddId = fc.oneof({ weight: 8, arbitrary: id }, fc.constant("no id"));
const when = fc.constantFrom(noon, minute(1), minute(2), minute(-1), new Date("0001-01-01T00:00:00.000Z"));
/** What is stored at first is at 1, and what was moved since above. */
const revision = fc.constantFrom(0n, 1n, 1n, 2n, 3n);
const page = record({ limit: fc.constantFrom(1, 2, 5) });
const limit = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(1, 2, 3) }, fc.constant(0));
const dated = { id, createdAt: when, updatedAt: when };
const few = <T>(of: Arbitrary<T>) => fc.array(of, { maxLength: 3 });
const mostly = <T>(usual: T, odd: Arbitrary<T>) => fc.oneof({ weight: 8, arbitrary: fc.constant(usual) }, odd);
const never = mostly<Date | null>(null, when);
const nobody = mostly<string | null>(null, key);

const pack = arbitraryOf(packs, { ...dated, name: key, activeVersion: mostly<string | null>(null, key) });
const activation = record({ packId: oddId, version: oddKey, at: when });

const status = mostly<"draft" | "published">("draft", fc.constant("published"));
const ofVersion = { packId: id, version: key, status, publishedAt: never, publishedBy: nobody };
const version = arbitraryOf(packVersions, { ...dated, ...ofVersion });
const publication = partial({ id: oddId, expected: revision, by: oddKey, at: when }, ["id", "by", "at"]);
const retirement = partial({ id: oddId, expected: revision, at: when }, ["id", "at"]);
const hash = fc.oneof({ weight: 6, arbitrary: fc.constant(packHash(packVersion())) }, fc.constant("no hash"));

const isActive = fc.constantFrom(false, false, true);
const profile = arbitraryOf(riskProfiles, { ...dated, profileId: key, version: key, isActive });
const profileActivation = record({ profileId: oddKey, version: key, at: when });

const inputs = { packVersion: oddKey, sbomDigest: key, feedSnapshot: key, vexCursor: fc.option(key) };
const start = record({ id, ...inputs, at: when });
const counted = fc.constantFrom(0n, 3n, 2n ** 63n - 1n, -1n);
const completion = partial(
  {
    id: oddId,
    state: fc.constantFrom(...runStates),
    passed: counted,
    warned: counted,
    blocked: fc.constant(1n),
    ignored: fc.constant(0n),
    error: fc.option(oddKey),
    at: when,
  },
  ["id", "state", "passed", "warned", "blocked", "ignored", "at"],
);

const ordinal = fc.constantFrom(1n, 2n, 3n);
const explanation = arbitraryOf(explanations, { ...dated, runId: id, ordinal });

const justification = fc.constantFrom("not reachable", "\u{1f600}".repeat(10), "\u{1f600}".repeat(9));
const exceptionStatus = fc.constantFrom(...exceptionStatuses);
const exception = arbitraryOf(exceptions, {
  ...dated,
  exceptionId: key,
  vulnerability: key,
  justification,
  status: mostly<(typeof exceptionStatuses)[number]>("draft", exceptionStatus),
  effectiveAt: when,
  expiresAt: fc.constantFrom(minute(1), minute(2), minute(3)),
  revokedAt: never,
  revokedBy: nobody,
  revokedReason: nobody,
});
const move = fc
  .constantFrom(["draft", "staged"], ["draft", "staged"], ["staged", "active"], ["active", "revoked"], ["revoked", "x"])
  .map(([from, to]) => ({ from, to }));
const transition = fc.tuple(record({ id: oddId, at: when }), move).map(([of, way]) => ({ ...of, ...way }));
const revocation = record({ id: oddId, by: oddKey, reason: oddKey, at: when });
/** Among them the instants at which the samples begin and end. */
const instant = fc.constantFrom(noon, minute(1), minute(60), new Date(minute(60).getTime() - 1), minute(-1));
const entry = arbitraryOf(audit, { ...dated, targetKind: fc.constant("pack"), targetId: key, occurredAt: when });

const common = { get: fc.tuple(oddId), list: fc.tuple(page) };
const of = (name: string, verbs: Arguments): Arguments =>
  Object.fromEntries(Object.entries(verbs).map(([verb, args]) => [`${name}.${verb}`, args]));

const reads: Arguments = {
  ...of("packs", { ...common, findByName: fc.tuple(oddKey) }),
  ...of("packVersions", {
    ...common,
    findByVersion: fc.tuple(oddId, key),
    findByHash: fc.tuple(hash, page),
    listByPack: fc.tuple(oddId, page),
  }),
  ...of("riskProfiles", { ...common, findActive: fc.tuple(oddKey), history: fc.tuple(oddKey, page) }),
  ...of("evaluationRuns", { ...common, listSame: fc.tuple(record(inputs), page) }),
  ...of("explanations", { ...common, pageByRun: fc.tuple(oddId, page) }),
  ...of("exceptions", {
    ...common,
    findByExceptionId: fc.tuple(oddKey),
    listActive: fc.tuple(instant, oddKey, page),
  }),
  ...of("audit", { ...common, listByTarget: fc.tuple(fc.constant("pack"), oddKey, page) }),
};

const writes: Arguments = {
  ...of("packs", {
    put: fc.tuple(pack, revision),
    delete: fc.tuple(oddId, revision),
    activate: fc.tuple(activation),
  }),
  ...of("packVersions", {
    put: fc.tuple(version, revision),
    delete: fc.tuple(oddId, revision),
    publish: fc.tuple(publication),
    retire: fc.tuple(retirement),
  }),
  ...of("riskProfiles", {
    put: fc.tuple(profile, revision),
    delete: fc.tuple(oddId, revision),
    activate: fc.tuple(profileActivation),
  }),
  ...of("evaluationRuns", { start: fc.tuple(start), complete: fc.tuple(completion) }),
  ...of("explanations", { appendBatch: fc.tuple(few(explanation)), purge: fc.tuple(purgeArbitrary(noon)) }),
  ...of("exceptions", {
    put: fc.tuple(exception, revision),
    transition: fc.tuple(transition),
    revoke: fc.tuple(revocation),
    expireDue: fc.tuple(instant, limit),
  }),
  ...of("audit", { append: fc.tuple(few(entry)), purge: fc.tuple(purgeArbitrary(noon)) }),
};

export const commands: Commands = { reads, writes, initial };
