import { retryTransient, type TenantId } from "@stellaops/kernel";
import type { Backend, Repositories } from "./backend.ts";
import type { RunOptions } from "./run-options.ts";
import type { VerbKind } from "./wiring.ts";

/** One verb of one repository. */
export interface VerbCall {
  readonly kind: VerbKind;
  /** As `advisories.put`. */
  readonly name: string;
}

/** Runs verbs and units of work where the stage says. */
export interface Runner {
  verb<T>(tenant: TenantId, call: VerbCall, work: (repositories: Repositories) => Promise<T>): Promise<T>;
  transaction<T>(tenant: TenantId, work: (repositories: Repositories) => Promise<T>, options?: RunOptions): Promise<T>;
}

/** One database, for as long as the process lives: no cutover code is on the path. */
export const fixedRunner = (backend: Backend): Runner => ({
  verb: (tenant, { kind }, work) =>
    retryTransient(() => backend.single({ tenant, writes: kind === "write", live: null }, work)),
  async transaction(tenant, work, options) {
    const answer = await retryTransient(
      () => backend.transaction({ tenant, writes: true, live: null, signal: options?.signal }, work),
      options,
    );
    tell(options, "none");
    return answer;
  },
});

/** What is stored stays so, whatever the one who is told makes of it. */
export function tell(
  { onSecondary }: RunOptions = {},
  outcome: Parameters<NonNullable<RunOptions["onSecondary"]>>[0],
): void {
  try {
    onSecondary?.(outcome);
  } catch {
    // Its own affair.
  }
}
