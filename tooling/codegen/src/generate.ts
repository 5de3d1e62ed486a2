import { wiring as authority } from "@stellaops/authority";
import { collectionsOf, installPostgres, postgresSchema } from "@stellaops/cutover";
import { wiring as notify } from "@stellaops/notify";
import { wiring as policy } from "@stellaops/policy";
import { wiring as scheduler } from "@stellaops/scheduler";
import { startPostgres } from "@stellaops/servers";
import { describePostgres } from "@stellaops/testkit/schema";
import { wiring as vuln } from "@stellaops/vuln";
import type { Artifact } from "./artifact.ts";
import { kyselyTypes } from "./kysely-types.ts";
import { tablesPage } from "./tables.ts";

const modules = [authority, scheduler, notify, policy, vuln];

const generated = (text: string): string =>
  `-- Generated from the migrated schema by \`pnpm codegen\`; never edited. The migrations are what counts.\n\n${text}`;

/** Everything that is generated, from databases that the migrations make on a server of its own. */
export async function generate(): Promise<readonly Artifact[]> {
  // Always a server of its own: nothing is installed into one that was named for something else.
  const env = { ...process.env, POSTGRES_URL: undefined };
  const server = await startPostgres({ env, settings: { fsync: "off" } });
  try {
    const artifacts: Artifact[] = [];
    for (const module of modules) {
      const { name, schema } = module;
      await installPostgres({ module, url: server.url });
      const sql = generated(await describePostgres(server.url, [schema, `${schema}_app`]));
      const folder = `packages/${name}`;
      artifacts.push(
        { path: `${folder}/src/postgres/generated/database.ts`, text: await kyselyTypes(server.url, schema) },
        { path: `${folder}/schema/postgres.sql`, text: sql },
        { path: `${folder}/schema/mongo.json`, text: `${JSON.stringify(collectionsOf(module), null, 2)}\n` },
        { path: `docs/schemas/${name}.sql`, text: sql },
        { path: `docs/schemas/${name}.md`, text: tablesPage(module) },
      );
    }
    const cutover = generated(await describePostgres(server.url, [postgresSchema.schema]));
    return [...artifacts, { path: "docs/schemas/cutover.sql", text: cutover }];
  } finally {
    await server.stop();
  }
}
