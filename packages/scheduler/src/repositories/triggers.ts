import type { ClaimRef, ClaimRequest, Reader, Repository, Stored } from "@stellaops/kernel";
import type { triggers } from "../aggregates.ts";
import type { Firing } from "../domain/firing.ts";

export interface Arming {
  /** Of the trigger, where the schedule has none yet. */
  readonly id: string;
  readonly scheduleId: string;
  /** Null: it does not fire until it is armed again. */
  readonly nextFireAt: Date | null;
  readonly at: Date;
}

/**
 * When schedules fire next; one trigger a schedule. A firing is exactly one: a trigger that is due is claimed, and then ONE unit of work starts
 * the runs (`runs.start`, one run of a schedule and a fire time) and advances the trigger. Whoever lost the claim meanwhile is refused with the
 * whole unit.
 */
export interface Triggers extends Reader<typeof triggers>, Pick<Repository<typeof triggers>, "delete"> {
  /** The tenant's own trigger of that schedule, else the shared one, else null. */
  findBySchedule(scheduleId: string): Promise<Stored<typeof triggers> | null>;
  /**
   * Sets when the schedule fires next, and makes its trigger where there is none. A claim of it is void from then on, since it was made under
   * another timetable. Of several at once the last stays.
   * @throws `VALUE_…` (data), `REVISION_CONFLICT` (conflict) when the id is another trigger's
   */
  arm(arming: Arming): Promise<Stored<typeof triggers>>;
  /**
   * Claims the tenant's own triggers that are due at `at` and that nobody holds, or whose lease has run out; each is given to one of any number of
   * callers. In order of `nextFireAt`, then id. `attempts` of a claimed trigger is one more than ever before: with the holder it names the claim.
   * @throws `LIMIT_INVALID`, `LEASE_INVALID`, `VALUE_…` (data)
   */
  claimDue(request: ClaimRequest): Promise<readonly Stored<typeof triggers>[]>;
  /** Holds a claim for longer. @throws `CLAIM_LOST` (conflict) when another has it now, or it was armed anew */
  heartbeat(claim: ClaimRef, lease: { readonly at: Date; readonly until: Date }): Promise<Stored<typeof triggers>>;
  /**
   * Ends a claim with what was fired: sets the next fire time, counts the misfires, and gives the trigger back. To be called in the unit of work
   * that starts the runs.
   * @throws `CLAIM_LOST` (conflict) when another has it now, or it was armed anew; `VALUE_…` (data) for a firing that is none
   */
  advance(claim: ClaimRef, firing: Firing, at: Date): Promise<Stored<typeof triggers>>;
}
