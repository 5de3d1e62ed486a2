import type { ClaimRef, ClaimRequest, Claims, Reader, Stored } from "@stellaops/kernel";
import type { EscalationState, escalationStates } from "../aggregates.ts";
import type { Step } from "../domain/escalation.ts";

/** What an acknowledgement has to show: the SHA-256 of a random token that the message alone holds, and until when. */
export interface AckToken {
  readonly hash: string;
  readonly expiresAt: Date;
}

export interface EscalationStart extends Pick<EscalationState, "id" | "policyId" | "incidentId"> {
  /** The first stage, and when it is told. */
  readonly step: Step;
  /** Null: it is acknowledged by nobody who is only told. */
  readonly ack: AckToken | null;
  readonly at: Date;
}

export interface EscalationStarted {
  readonly state: Stored<typeof escalationStates>;
  /** False: one was active for the incident already, which is as it was. */
  readonly created: boolean;
}

export interface Advance {
  /** The stage that is told next, and when; null after the last: nobody is left, and it has expired. */
  readonly next: Step | null;
  /** Takes the place of the token before it, which is void then; left out: that one stays. */
  readonly ack?: AckToken;
  readonly at: Date;
}

/** How far escalations have come; one that is active an incident. */
export interface EscalationStates extends Reader<typeof escalationStates>, Claims<typeof escalationStates> {
  /**
   * Starts to escalate an incident. Whoever comes second while one is active, also at once, is given that one.
   * @throws `VALUE_…`, `SECRET_PLAIN` (data), also when one is active; `REVISION_CONFLICT` (conflict) when the id is another's; `UNIQUE_VIOLATION`
   * (integrity) on uq_escalation_states_ack_token_hash
   */
  start(start: EscalationStart): Promise<EscalationStarted>;
  /**
   * Claims the tenant's own that are active, whose stage is due at `at`, and that nobody holds, or whose lease has run out; each is given to one of any
   * number of callers. In order of `nextAt`, then id. @throws `LIMIT_INVALID`, `LEASE_INVALID`, `VALUE_…` (data)
   */
  claimDue(request: ClaimRequest): Promise<readonly Stored<typeof escalationStates>[]>;
  /** Ends a claim whose stage was told. @throws `CLAIM_LOST` (conflict) when another has it now, or it was acknowledged or resolved; `VALUE_…`, `SECRET_PLAIN` (data); `UNIQUE_VIOLATION` (integrity) as `start` */
  advance(ref: ClaimRef, advance: Advance): Promise<Stored<typeof escalationStates>>;
  /**
   * By the token that a message held: once, and before it expires. A claim of it is void from then on. Null when no active escalation of the tenant's
   * own has that token, or not any more. @throws `SECRET_PLAIN` (data) for what is no hash, `VALUE_…` (data)
   */
  acknowledge(ack: { readonly tokenHash: string; readonly at: Date }): Promise<Stored<typeof escalationStates> | null>;
  /** Its incident is over, however far it had come. A claim of it is void from then on. Null when it is resolved already, or is not there. @throws `VALUE_…` (data) */
  resolve(id: string, at: Date): Promise<Stored<typeof escalationStates> | null>;
  /** The tenant's own that is active for that incident, else the shared one, else null. */
  findActive(incidentId: string): Promise<Stored<typeof escalationStates> | null>;
}
