import type { Db } from "mongodb";

/** Enters a collection that was loaded by hand into MongoDB's register, as a backfill leaves it: each at its revision, none pending. */
export async function registerDocuments(db: Db, table: string, generation: bigint): Promise<void> {
  await db
    .collection(table)
    .aggregate([
      {
        $project: {
          _id: { $concat: [`${table}/`, "$tenantId", "/", "$id"] },
          aggregate: { $literal: table },
          tenantId: 1,
          id: 1,
          generation: { $literal: generation },
          revision: 1,
          deleted: { $literal: false },
          pending: { $literal: false },
          refusal: { $literal: null },
        },
      },
      { $merge: { into: "register", on: "_id", whenMatched: "fail" } },
    ])
    .toArray();
}

type Sql = (text: string, values: readonly unknown[]) => Promise<unknown>;

/** The same of a module's table and PostgreSQL's register; `sql` runs as a role that sees all tenants. */
export async function registerRows(sql: Sql, module: string, table: string, generation: bigint): Promise<void> {
  await sql(
    `insert into cutover.register (tenant_id, module, aggregate, id, generation, revision, deleted, pending)
 select tenant_id, $1, $2, id, $3, revision, false, false from "${module}"."${table}"`,
    [module, table, generation],
  );
}
