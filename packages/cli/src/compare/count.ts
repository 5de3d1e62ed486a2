import type { Database } from "@stellaops/cutover";
import type { Wired } from "../stage/wiring.ts";

/** How many rows or documents a module has in one database: for the share that is done, so an estimate will do on MongoDB. */
export async function countOf({ module, mongo, postgres }: Wired, database: Database): Promise<number> {
  let total = 0;
  for (const { table } of module.aggregates) {
    if (database === "mongo") {
      total += await mongo.db.collection(table).estimatedDocumentCount();
      continue;
    }
    const { rows } = await postgres.pool.query<{ readonly count: string }>(
      `select count(*) from "${module.schema}"."${table}"`,
    );
    total += Number(rows[0]?.count ?? 0);
  }
  return total;
}
