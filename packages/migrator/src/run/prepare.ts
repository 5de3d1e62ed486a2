import { refused } from "@stellaops/kernel";
import type pg from "pg";
import { createLedger } from "../ledger/sql.ts";
import { quoted, rolesOf, type MigrationModule } from "../module.ts";
import { sqlStateOf } from "../sql/state.ts";

/**
 * Makes the schema, where nobody has provisioned one, and the ledger. Under the lock.
 *
 * @throws `MIGRATION_NOT_PROVISIONED` (refused)
 */
export async function prepare(client: pg.ClientBase, module: MigrationModule): Promise<void> {
  try {
    await client.query("set client_min_messages = warning");
    // Asked first: the statement needs the right to create schemas even where there is nothing to create.
    const { rowCount } = await client.query("select from pg_namespace where nspname = $1", [module.schema]);
    if (rowCount === 0) await client.query(`create schema ${quoted(module.schema)}`);
    await client.query(createLedger(module, rolesOf(module).app));
  } catch (cause) {
    if (sqlStateOf(cause) !== "42501") throw cause;
    throw refused(
      "MIGRATION_NOT_PROVISIONED",
      `this role may not make the schema ${module.schema} or its ledger; run \`stella-data migrate provision --module ${module.name}\` first`,
      { cause },
    );
  }
}
