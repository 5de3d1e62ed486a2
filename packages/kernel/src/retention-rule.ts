import { isDeepStrictEqual } from "node:util";
import type { Shape } from "./aggregate.ts";

/** By which field, an instant, a retention purge tells what is old, and the fewest whole days that it keeps. */
export interface Retention {
  readonly by: string;
  readonly least: number;
}

type Indexes = readonly (readonly string[])[];

/** With the index that a purge reads the oldest from. */
export function withRetention(shape: Shape, indexes: Indexes, retain: Retention | undefined): Indexes {
  if (retain === undefined) return indexes;
  const { by, least } = retain;
  const member = shape[by];
  if (member === undefined || !("kind" in member) || member.kind !== "instant")
    throw new TypeError(`retain: ${by} is no instant`);
  if (!Number.isSafeInteger(least) || least < 1) throw new TypeError(`retain: ${least} is no whole number of days`);
  return indexes.some((fields) => isDeepStrictEqual(fields, [by])) ? indexes : [...indexes, [by]];
}
