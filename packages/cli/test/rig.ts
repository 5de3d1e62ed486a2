import { installMongo, installPostgres } from "@stellaops/cutover";
import { openMongo } from "@stellaops/mongo";
import {
  loginRole,
  mongoDatabase,
  postgresDatabase,
  roleUrl,
  type MongoDatabase,
  type PostgresDatabase,
} from "@stellaops/testkit";
import { vuln } from "@stellaops/vuln";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stellaData, type Ended, type Environment } from "./cli.ts";

/** Two databases, three logins, and a folder for feeds and configuration. */
export interface Rig extends AsyncDisposable {
  readonly postgres: PostgresDatabase;
  readonly mongo: MongoDatabase;
  readonly environment: Environment;
  readonly folder: string;
  run(...args: readonly string[]): Promise<Ended>;
  /** Writes records as newline-delimited JSON; the path. */
  feed(name: string, records: Iterable<unknown>): Promise<string>;
}

/** `installed`: both databases are migrated already; else only the roles are there. */
export async function rig({ installed }: { readonly installed: boolean }): Promise<Rig> {
  const postgres = installed
    ? await postgresDatabase({ template: "vuln", prepare: (url) => installPostgres({ module: vuln, url }) })
    : await postgresDatabase();
  const mongo = await mongoDatabase();
  if (installed) await install(mongo.url);
  // Roles belong to the cluster, and the logins below become members of them.
  else await stellaData(["migrate", "provision", "--module", "vuln"], { STELLA_POSTGRES_ADMIN_URL: postgres.url });
  const folder = await mkdtemp(join(tmpdir(), "stella-data-"));
  const app = await loginRole("vuln_cli_app", { memberOf: ["vuln_app"] });
  const replicator = await loginRole("vuln_cli_replicator", { memberOf: ["stella_replicator"], bypassRls: true });
  const environment = {
    STELLA_POSTGRES_URL: roleUrl(postgres.url, app.name, app.password),
    STELLA_POSTGRES_ADMIN_URL: postgres.url,
    STELLA_REPLICATOR_URL: roleUrl(postgres.url, replicator.name, replicator.password),
    STELLA_MONGODB_URL: mongo.url,
  };
  return {
    postgres,
    mongo,
    environment,
    folder,
    run: (...args) => stellaData(args, environment, folder),
    async feed(name, records) {
      const path = join(folder, name);
      await writeFile(path, Array.from(records, (record) => `${JSON.stringify(record)}\n`).join(""));
      return path;
    },
    async [Symbol.asyncDispose]() {
      await postgres.expectNoLeaks();
      await mongo.expectNoLeaks();
      await postgres.drop();
      await mongo.drop();
      await rm(folder, { recursive: true });
    },
  };
}

async function install(url: string): Promise<void> {
  const mongo = openMongo({ url });
  try {
    await installMongo({ module: vuln, db: mongo.db });
  } finally {
    await mongo.close();
  }
}
