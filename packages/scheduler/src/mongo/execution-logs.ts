import { normaliseKey, type PageRequest, type PurgeRequest } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { executionLogs, type ExecutionLog } from "../aggregates.ts";
import { numbered } from "../domain/execution-logs.ts";
import type { ExecutionLogs } from "../repositories/execution-logs.ts";

const verbs = table(executionLogs);

const tail = verbs.list("tail", { order: ["sequence"] });

export class MongoExecutionLogs extends MongoRepository<typeof executionLogs> implements ExecutionLogs {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async append(lines: readonly ExecutionLog[]) {
    await this.appendAll(numbered(lines), 1_000);
  }

  async purge(request: PurgeRequest) {
    return this.purgeOld(request);
  }

  async tail(id: string, after: bigint, request: PageRequest = {}) {
    const { runId, sequence } = normaliseKey(executionLogs, { runId: id, sequence: after });
    return this.page(tail, { runId, above: String(sequence) }, { runId, sequence: { $gt: sequence } }, request);
  }
}
