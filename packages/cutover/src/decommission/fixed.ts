import type { Pool } from "pg";

export interface Fixed {
  readonly epoch: bigint;
  readonly since: Date;
  readonly by: string;
  /** Null while it holds. */
  readonly releasedAt: Date | null;
}

/** The note that a module has left MongoDB, at PostgreSQL. The pool's role is `stella_replicator` or a login like it. */
export interface FixedStage {
  read(): Promise<Fixed | null>;
  /** False unless the record is settled at "postgres" and that epoch. From then on no change of the stage begins. */
  fix(epoch: bigint, by: string): Promise<boolean>;
  /** Changes may begin again ten seconds later, when no service serves on the fixed word any more. */
  release(): Promise<void>;
}

export const fixedStageOf = (pool: Pool, module: string): FixedStage => ({
  async read() {
    const { rows } = await pool.query<{ epoch: string; fixed_at: Date; fixed_by: string; released_at: Date | null }>(
      "select epoch::text, fixed_at, fixed_by, released_at from cutover.fixed where module = $1",
      [module],
    );
    const [row] = rows;
    return row === undefined
      ? null
      : { epoch: BigInt(row.epoch), since: row.fixed_at, by: row.fixed_by, releasedAt: row.released_at };
  },
  async fix(epoch, by) {
    const { rows } = await pool.query<{ fixed: boolean }>("select cutover.fix_stage($1, $2, $3) as fixed", [
      module,
      epoch,
      by,
    ]);
    return rows[0]?.fixed === true;
  },
  async release() {
    await pool.query("select cutover.release_stage($1)", [module]);
  },
});
