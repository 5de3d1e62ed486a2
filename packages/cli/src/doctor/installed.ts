import type { ModuleDefinition } from "@stellaops/kernel";
import type { Context } from "../context.ts";

/** False where this installation knows nothing of a module: no schema, and no word that it runs on MongoDB alone. What cannot be asked counts as installed. */
export async function isInstalled(
  { connections, settings }: Context,
  { name, schema }: ModuleDefinition,
): Promise<boolean> {
  if (settings.stage(name) !== undefined) return true;
  try {
    const { pool } = connections.postgres("postgresUrl", name);
    const { rows } = await pool.query<{ readonly there: boolean }>("select to_regnamespace($1) is not null as there", [
      schema,
    ]);
    return rows[0]?.there === true;
  } catch {
    return true;
  }
}
