import { evidenceLines } from "./evidence.ts";
import { table } from "../output/table.ts";
import type { Command } from "../context.ts";
import type { StageOptions } from "./options.ts";
import { reachBoth, wire, type Wired } from "./wiring.ts";

/** One line of the history: a copy of the stage record as it was, in the database that kept it. */
interface Line {
  readonly database: string;
  readonly epoch: bigint;
  readonly state: string;
  readonly stage: string;
  readonly target: string | null;
  readonly generation: bigint;
  readonly changedAt: Date;
  readonly changedBy: string;
  readonly reason: string;
  readonly evidence: unknown;
}

/** Every state that either copy of the record was in, in order, with who, why, and what the guard saw. */
export const history =
  ({ module }: StageOptions): Command =>
  async (context) => {
    const wired = wire(context, module);
    await reachBoth(wired);
    const lines = [...(await ofMongo(wired)), ...(await ofPostgres(wired))].toSorted(inOrder);
    const rows = lines.map((line) => [
      String(line.epoch),
      line.state,
      line.stage,
      line.target ?? "",
      line.database,
      line.changedAt.toISOString(),
      line.changedBy,
      line.reason,
    ]);
    const [head = "", ...told] = table(["epoch", "state", "stage", "to", "kept in", "at", "by", "reason"], rows);
    const seen = new Set<string>();
    return {
      holds: true,
      result: { module, history: lines },
      // Each evidence once, where it was seen: the states after it carry it on.
      lines: [head, ...told.flatMap((line, index) => [line, ...evidenceLines(lines[index]?.evidence, seen)])],
    };
  };

const states = ["ready", "opening", "settled", "moving", "moved"];
const inOrder = (a: Line, b: Line): number =>
  Number(a.epoch - b.epoch) || states.indexOf(a.state) - states.indexOf(b.state) || (a.database < b.database ? -1 : 1);

async function ofMongo({ mongo }: Wired): Promise<readonly Line[]> {
  type Stored = Omit<Line, "database"> & { readonly _id: string };
  // What is in force is not in the history yet.
  const past = await mongo.db.collection<Stored>("stage_history").find().toArray();
  const now = await mongo.db.collection<Stored>("stage").find().toArray();
  return [...past, ...now].map(({ _id, ...line }) => ({ database: "mongo", ...line }));
}

async function ofPostgres({ postgres, module }: Wired): Promise<readonly Line[]> {
  const { rows } = await postgres.pool.query<Omit<Line, "database" | "epoch" | "generation"> & Record<string, string>>(
    `select epoch, state, stage, target, generation, changed_at as "changedAt", changed_by as "changedBy", reason, evidence
 from cutover.stage_history where module = $1`,
    [module.name],
  );
  return rows.map((row): Line => ({
    ...row,
    database: "postgres",
    epoch: BigInt(row["epoch"] ?? 0),
    generation: BigInt(row["generation"] ?? 0),
  }));
}
