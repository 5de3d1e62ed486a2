import type { Logger, ModuleDefinition } from "@stellaops/kernel";
import { applyMongo, createMigrator, provision, type Passwords } from "@stellaops/migrator";
import type { Db } from "mongodb";
import { collectionsOf } from "./mongo/collections.ts";
import { mongoSchema } from "./mongo/install.ts";
import { seedMongo } from "./mongo/seed.ts";
import { postgresSchema } from "./postgres/install.ts";

/**
 * A whole PostgreSQL database for a module: roles, schemas, every migration. For tests, demos and first installations;
 * `url` is a superuser's. What is there already is left alone.
 */
export async function installPostgres(options: {
  readonly module: ModuleDefinition;
  readonly url: string;
  readonly passwords?: Passwords;
  readonly log?: Logger;
}): Promise<void> {
  const { module, url, passwords, log } = options;
  const shared = log === undefined ? {} : { log };
  await provision({ module, url, ...(passwords === undefined ? {} : { passwords }), ...shared });
  await createMigrator({ module: postgresSchema, url, ...shared }).apply();
  await createMigrator({ module, url, ...shared }).apply();
}

/** The same for the module's MongoDB database. */
export async function installMongo({ module, db }: { module: ModuleDefinition; db: Db }): Promise<void> {
  await applyMongo(db, mongoSchema);
  await applyMongo(db, collectionsOf(module));
  await seedMongo(db, module);
}
