import type { Scope } from "@stellaops/cutover/open";
import { codeOf, type ClaimRequest, type IdSource, type Stored } from "@stellaops/kernel";
import type { runs, schedules, triggers } from "../aggregates.ts";
import { firingOf, type Firing } from "../domain/firing.ts";
import type { RunStart } from "../repositories/runs.ts";
import type { SchedulerRepositories } from "../wiring.ts";

export interface FireRequest extends ClaimRequest {
  /** Of the runs. */
  readonly ids: IdSource;
}

export interface Fired {
  /** The runs that were started here. */
  readonly runs: readonly Stored<typeof runs>[];
  readonly misfires: bigint;
  /** Triggers that another has by now: their runs are its to start. */
  readonly lost: number;
  /** How many triggers were claimed; as many as were asked for: there may be more. */
  readonly claimed: number;
}

/**
 * Fires what is due of one tenant, each fire time once however many services do the same: claims the triggers, then for each, in ONE unit of work,
 * starts its runs and advances it. A service that dies in between has fired nothing; one that is slow is refused with all of its unit, since the
 * next holder fires instead. A schedule that is disabled or deleted fires nothing, and its trigger rests until it is armed again.
 *
 * A trigger that fails keeps its claim until its lease runs out, and keeps none of the others from being fired: the first such error is thrown
 * at the end, when all that could be fired has been.
 */
export async function fireDue(scope: Scope<SchedulerRepositories>, { ids, ...request }: FireRequest): Promise<Fired> {
  const claimed = await scope.triggers.claimDue(request);
  const started: Stored<typeof runs>[] = [];
  let misfires = 0n;
  let lost = 0;
  const failures: unknown[] = [];
  for (const trigger of claimed) {
    try {
      const schedule = await scope.schedules.get(trigger.scheduleId);
      const firing = firingFor(schedule, trigger, request.at);
      const starts = firing.fires.map((fireAt) => startOf(trigger, { id: ids.next(), fireAt, at: request.at }));
      started.push(...(await fire(scope, { trigger, firing, starts, request })));
      misfires += firing.misfires;
    } catch (error) {
      if (codeOf(error) === "CLAIM_LOST") lost += 1;
      else failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return { runs: started, misfires, lost, claimed: claimed.length };
}

interface One {
  readonly trigger: Stored<typeof triggers>;
  readonly firing: Firing;
  readonly starts: readonly RunStart[];
  readonly request: ClaimRequest;
}

const fire = (scope: Scope<SchedulerRepositories>, { trigger, firing, starts, request: { holder, at } }: One) =>
  scope.transaction(async (repositories) => {
    const started: Stored<typeof runs>[] = [];
    for (const start of starts) {
      const { run, created } = await repositories.runs.start(start);
      if (created) started.push(run);
    }
    await repositories.triggers.advance({ id: trigger.id, holder, attempt: trigger.attempts }, firing, at);
    return started;
  });

const resting: Firing = { fires: [], misfires: 0n, next: null };

function firingFor(
  schedule: Stored<typeof schedules> | null,
  { nextFireAt }: Stored<typeof triggers>,
  at: Date,
): Firing {
  if (schedule === null || !schedule.enabled || schedule.deletedAt !== null || nextFireAt === null) return resting;
  return firingOf(schedule, nextFireAt, at);
}

const startOf = ({ scheduleId }: Stored<typeof triggers>, start: Pick<RunStart, "id" | "fireAt" | "at">): RunStart => ({
  ...start,
  scheduleId,
  triggerKind: "cron",
  reason: {},
  retryOf: null,
});
