import { createMigrator, type MigrationEvent, type Migrator } from "@stellaops/migrator";
import type { Mongo } from "@stellaops/mongo";
import type { Context } from "../context.ts";
import { reachMongo, reachPostgres } from "../servers.ts";
import { openPostgres } from "@stellaops/postgres";
import type { MongoTarget, PostgresTarget } from "./targets.ts";

/** The migrator of a set, after a look whether the server is there and new enough. */
export async function migratorOf(context: Context, { set, module }: PostgresTarget): Promise<Migrator> {
  const url = context.connections.migrationUrl(module);
  await reachable(url);
  const onEvent = (event: MigrationEvent): void => tell(context, event);
  return createMigrator({ module: set, url, log: context.logger, onEvent, signal: context.signal });
}

export async function reachable(url: string): Promise<void> {
  const postgres = openPostgres({ url, max: 1 });
  try {
    await reachPostgres(postgres);
  } finally {
    await postgres.close();
  }
}

/** The module's database, on a server that is there, new enough, and a replica set. */
export async function databaseOf({ connections }: Context, { module }: MongoTarget): Promise<Mongo["db"]> {
  const mongo = connections.mongo(module);
  await reachMongo(mongo);
  return mongo.db;
}

function tell({ terminal }: Context, event: MigrationEvent): void {
  if (event.kind === "waiting") terminal.status("waiting for another runner of this schema");
  if (event.kind === "file") terminal.status(`${event.file}${event.resumed ? " (resumed)" : ""}`);
  if (event.kind === "batch") terminal.status(`${event.file}: ${event.rowsDone} rows`);
  if (event.kind === "rebuilding") terminal.status(`${event.file}: building ${event.index} anew`);
}
