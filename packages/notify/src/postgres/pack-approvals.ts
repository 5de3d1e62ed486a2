import { normaliseKey, type PageRequest } from "@stellaops/kernel";
import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { packApprovals, type PackApproval } from "../aggregates.ts";
import { decided, requestedApproval } from "../domain/pack-approvals.ts";
import type { ApprovalRequest, Decision, PackApprovals } from "../repositories/pack-approvals.ts";
import type { DB } from "./generated/database.ts";

const { list, ...verbs } = table<DB, "pack_approvals", typeof packApprovals>(packApprovals);

const inState = list<{ state: string }>()("listByState", {
  order: ["createdAt"],
  direction: "desc",
  where: (query, { state }) => query.where("pack_approvals.state", "=", state),
});

export class PostgresPackApprovals extends PostgresRepository<typeof packApprovals> implements PackApprovals {
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
    return this.page(inState, { state }, request);
  }
}
