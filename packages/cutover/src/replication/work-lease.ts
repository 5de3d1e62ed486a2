import { mapError } from "@stellaops/postgres";
import type { Pool } from "pg";

/** A right to do what only one is to do at a time, kept in PostgreSQL. Nothing rests on it: two at once waste work and do no harm. */
export interface WorkLease {
  /** Takes or renews it for so long; false while another holds it. @throws when PostgreSQL does not answer */
  hold(milliseconds: number): Promise<boolean>;
  /** Lets another have it at once. */
  release(): Promise<void>;
}

export interface Work {
  readonly module: string;
  /** What is to be done, such as `replicate`. */
  readonly work: string;
  /** Names whoever asks; no two may share it. */
  readonly holder: string;
}

/** The pool's role must be a member of `cutover_app`. */
export function workLease(pool: Pool, { module, work, holder }: Work): WorkLease {
  const ask = async (text: string, values: readonly unknown[]): Promise<boolean> => {
    try {
      const { rows } = await pool.query<{ readonly held: boolean }>(text, [module, work, holder, ...values]);
      return rows[0]?.held === true;
    } catch (error) {
      throw mapError(error);
    }
  };
  return {
    hold: (milliseconds) => ask("select cutover.hold_work($1, $2, $3, $4) as held", [milliseconds]),
    async release() {
      await ask("select cutover.release_work($1, $2, $3)", []);
    },
  };
}

/** Does what the lease is for, renewing it, and gives it back. */
export async function renewing<T>(lease: WorkLease, leaseMs: number, work: () => Promise<T>): Promise<T> {
  const renewal = setInterval(() => void lease.hold(leaseMs).catch(() => undefined), leaseMs / 3);
  try {
    return await work();
  } finally {
    clearInterval(renewal);
    await lease.release().catch(() => undefined);
  }
}
