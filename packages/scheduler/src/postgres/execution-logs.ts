import { normaliseKey, type PageRequest, type PurgeRequest } from "@stellaops/kernel";
import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { sql } from "kysely";
import { executionLogs, type ExecutionLog } from "../aggregates.ts";
import { numbered } from "../domain/execution-logs.ts";
import type { ExecutionLogs } from "../repositories/execution-logs.ts";
import type { DB } from "./generated/database.ts";

const { list, ...verbs } = table<DB, "execution_logs", typeof executionLogs>(executionLogs);

const tail = list<{ runId: string; above: string }>()("tail", {
  order: ["sequence"],
  where: (query, { runId, above }) =>
    query.where("execution_logs.run_id", "=", runId).where(sql<boolean>`execution_logs.sequence > ${above}::bigint`),
});

export class PostgresExecutionLogs extends PostgresRepository<typeof executionLogs> implements ExecutionLogs {
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
    return this.page(tail, { runId, above: String(sequence) }, request);
  }
}
