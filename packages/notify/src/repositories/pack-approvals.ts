import type { Page, PageRequest, Reader, Stored } from "@stellaops/kernel";
import type { PackApproval, packApprovals } from "../aggregates.ts";

export interface ApprovalRequest extends Pick<PackApproval, "id" | "packId" | "version" | "requestedBy"> {
  readonly at: Date;
}

export interface ApprovalRequested {
  readonly approval: Stored<typeof packApprovals>;
  /** False: one was pending already, which is as it was. */
  readonly created: boolean;
}

export interface Decision {
  readonly id: string;
  readonly state: "approved" | "rejected";
  readonly by: string;
  readonly reason: string | null;
  readonly at: Date;
}

/**
 * Whether versions of packs may be used. Of one version one request at most is pending; what was decided stays as it was decided, and the version
 * may be asked for again.
 */
export interface PackApprovals extends Reader<typeof packApprovals> {
  /**
   * Asks for a decision. Whoever comes second while one is pending, also at once, is given that one.
   * @throws `VALUE_…` (data), also when one is pending; `REVISION_CONFLICT` (conflict) when the id is another's
   */
  request(request: ApprovalRequest): Promise<ApprovalRequested>;
  /**
   * Decides once: of concurrent callers one wins, and nobody decides anew. Null when it is decided already, or is not there.
   * @throws `VALUE_…` (data), `VALUE_CHOICE` for `pending`
   */
  decide(decision: Decision): Promise<Stored<typeof packApprovals> | null>;
  /** Newest first, then id descending. */
  listByState(state: PackApproval["state"], request?: PageRequest): Promise<Page<Stored<typeof packApprovals>>>;
}
