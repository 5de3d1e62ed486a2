import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const tool = fileURLToPath(new URL("../node_modules/.bin/kysely-codegen", import.meta.url));

/** The types of a schema's tables, as kysely-codegen writes them. The ledger of migrations is the migrator's own. */
export async function kyselyTypes(url: string, schema: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "stella-codegen-"));
  const file = join(folder, "database.ts");
  try {
    await run(tool, [
      "--url",
      url,
      "--dialect",
      "postgres",
      "--default-schema",
      schema,
      "--include-pattern",
      `${schema}.*`,
      "--exclude-pattern",
      `${schema}.schema_migrations`,
      "--out-file",
      file,
    ]);
    return await readFile(file, "utf8");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
