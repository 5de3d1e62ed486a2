import type { Call, Plain } from "./call.ts";
import type { Given } from "./holds.ts";
import { answered } from "./rounds.ts";

/** What a call of `claim` writes down: its lease by the callers' clock, and each of what it was given under which attempt. */
export interface Claimed {
  readonly id: string;
  readonly attempt: number;
}
type Lease = Pick<Given, "at" | "until">;

const asClaimed = (answer: Plain) => answer as Plain & readonly Claimed[];

export const claimsOf = (calls: readonly Call[]) =>
  answered(
    calls.filter(({ verb }) => verb === "claim"),
    asClaimed,
  );

export const givenOf = (calls: readonly Call[]): readonly Given[] =>
  claimsOf(calls).flatMap(({ args, by, begun, end, told }) =>
    told.map(({ id, attempt }) => ({
      ...(args as unknown as Lease),
      key: id,
      number: attempt,
      by,
      begun,
      ended: end?.at ?? begun,
    })),
  );
