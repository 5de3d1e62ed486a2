import type { Lease } from "../side.ts";

/** An operator's statement that instances have ended, so that a move need not wait for their leases. */
export interface Gone {
  readonly instances: readonly string[];
  readonly reason: string;
}

/** A move waits for instances that may still believe answers of the old primary. */
export interface Waiting {
  readonly waitedMs: number;
  /** Whoever is missing, each with what is left of its lease. */
  readonly leases: readonly Lease[];
}

/** Evidence, with the leases that were not waited for, on whose word. */
export function withGone(evidence: unknown, by: string, gone: Gone | undefined, ignored: readonly Lease[]): unknown {
  if (gone === undefined || ignored.length === 0) return evidence;
  const instances = ignored.map(({ instance, epoch, leftMs }) => ({ instance, epoch: String(epoch), leftMs }));
  const before = typeof evidence === "object" && evidence !== null ? evidence : { saw: evidence };
  return { ...before, gone: { by, reason: gone.reason, instances } };
}
