import { normaliseKey, type PageRequest } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { packApprovals, type PackApproval } from "../aggregates.ts";
import { decided, requestedApproval } from "../domain/pack-approvals.ts";
import type { ApprovalRequest, Decision, PackApprovals } from "../repositories/pack-approvals.ts";

const verbs = table(packApprovals);

const inState = verbs.list("listByState", { order: ["createdAt"], direction: "desc" });

export class MongoPackApprovals extends MongoRepository<typeof packApprovals> implements PackApprovals {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async request(request: ApprovalRequest) {
    const approval = requestedApproval(request);
    const { packId, version, state } = approval;
    const { one, created } = await this.createOnce(approval, { packId, version, state });
    return { approval: one, created };
  }

  async decide(decision: Decision) {
    return this.changeOne(decided(decision));
  }

  async listByState(given: PackApproval["state"], request: PageRequest = {}) {
    const { state } = normaliseKey(packApprovals, { state: given });
    return this.page(inState, { state }, { state }, request);
  }
}
