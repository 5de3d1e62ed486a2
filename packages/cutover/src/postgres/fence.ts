import { programming, refused } from "@stellaops/kernel";
import type { Pool } from "pg";
import { fenceBusy, fenced, serverCode } from "../errors.ts";
import { closeAppliesMs, type Fence } from "../side.ts";
import { until } from "../until.ts";

/** What `@stellaops/postgres` runs in a batch. */
export interface FenceStatement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
  readonly silent: true;
}

/** For the head of a unit of work at READ COMMITTED, in a statement of its own. Fails with SQLSTATE `ST001` when the epoch is over. */
export const enterEpoch = (module: string, epoch: bigint): FenceStatement => ({
  name: "cutover.enter",
  text: "select cutover.enter($1, $2)",
  values: [module, epoch],
  silent: true,
});

/** For the head of an apply or backfill transaction; `generation` is that of the stage read before the key was. Fails with `ST002`. */
export const enterApply = (module: string, generation: bigint): FenceStatement => ({
  name: "cutover.enter_apply",
  text: "select cutover.enter_apply($1, $2)",
  values: [module, generation],
  silent: true,
});

/** Turns the fence's own SQLSTATEs into `FENCED`, `APPLY_FENCED` and `FENCE_ISOLATION`; leaves every other error as it is. */
export function mapError(error: unknown): unknown {
  const code = serverCode(error);
  if (code === "ST001") return fenced(undefined, error);
  if (code === "ST002") return applyFenced(error);
  if (code === "ST003")
    return programming("FENCE_ISOLATION", "a fenced unit of work must run at READ COMMITTED", { cause: error });
  return error;
}

export const applyFenced = (cause: unknown): Error =>
  refused("APPLY_FENCED", "applies of this generation are over; learn the stage anew", { cause });

/** The stage row is itself the fence: an epoch is open while the row is settled at it. Only the waiting is to be done. */
export function postgresFence(pool: Pool, module: string): Fence {
  const patiently = async (text: string, values: readonly unknown[], deadlineMs: number): Promise<void> => {
    const attempt = (): Promise<boolean> => pool.query(text, [...values]).then(() => true, lockTimedOut);
    if (!(await until(attempt, { deadlineMs, pauseMs: 20 })))
      throw fenceBusy(`module ${module} on PostgreSQL`, deadlineMs);
  };
  return {
    open: () => Promise.resolve(),
    async close(_epoch, deadlineMs) {
      await patiently("select cutover.await_units($1)", [module], deadlineMs);
      return null;
    },
    closeApplies: (below, _generations, deadlineMs = closeAppliesMs) =>
      patiently("select cutover.close_applies($1, $2)", [module, below], deadlineMs),
    // The server ends what outlives its cap, and what has lost its client.
    release: () => Promise.resolve(),
    tidy: () => Promise.resolve(),
  };
}

const lockTimedOut = (error: unknown): false => {
  if (serverCode(error) === "55P03") return false;
  throw error;
};
