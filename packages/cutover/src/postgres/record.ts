import type { Pool } from "pg";
import type { RecordState, StageRecord } from "../record.ts";
import { serverCode, stageFixed } from "../errors.ts";
import type { StageRecords } from "../side.ts";
import type { Stage } from "../stages.ts";

interface StageRow {
  readonly state: RecordState;
  readonly epoch: string;
  readonly stage: Stage;
  readonly target: Stage | null;
  readonly generation: string;
  readonly generations: readonly string[];
  readonly changed_at: Date;
  readonly changed_by: string;
  readonly reason: string;
  readonly evidence: unknown;
}

const selectText = `select state, epoch::text, stage, target, generation::text, generations::text[], changed_at, changed_by,
  reason, evidence from cutover.stages where module = $1`;
const compareText = "select cutover.compare_and_set($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) as changed";

export function postgresRecords(pool: Pool, module: string): StageRecords {
  return {
    async read() {
      const { rows } = await pool.query<StageRow>(selectText, [module]);
      return rows[0] ? decode(module, rows[0]) : null;
    },
    async compareAndSet(from, to) {
      const values = [
        module,
        from?.state,
        from?.epoch,
        to.state,
        to.epoch,
        to.stage,
        to.target,
        to.generation,
        to.generations,
        to.changedBy,
        to.reason,
        JSON.stringify(to.evidence ?? null),
      ];
      const { rows } = await pool.query<{ changed: boolean }>(compareText, values).catch(unlessFixed);
      return rows[0]?.changed === true;
    },
  };
}

function unlessFixed(error: unknown): never {
  throw serverCode(error) === "ST005" ? stageFixed(error) : error;
}

function decode(module: string, row: StageRow): StageRecord {
  const { state, stage, target, reason, evidence } = row;
  return {
    module,
    database: "postgres",
    state,
    epoch: BigInt(row.epoch),
    stage,
    target,
    generation: BigInt(row.generation),
    generations: row.generations.map(BigInt),
    changedAt: row.changed_at,
    changedBy: row.changed_by,
    reason,
    evidence,
  };
}
