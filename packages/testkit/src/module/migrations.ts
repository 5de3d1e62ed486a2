import { readdirSync } from "node:fs";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collectionsOf, installMongo, postgresSchema } from "@stellaops/cutover";
import type { ModuleWiring } from "@stellaops/cutover/open";
import { indexName } from "@stellaops/kernel";
import { createMigrator, lintModule, provision, verifyMongo, type Finding } from "@stellaops/migrator";
import { openMongo } from "@stellaops/mongo";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { mongoDatabase } from "../mongo-database.ts";
import { postgresDatabase } from "../postgres-database.ts";
import { describePostgres } from "../schema.ts";
import { modulePostgres } from "./postgres-rig.ts";

/** A finding of the lint that stays, and why. */
export interface Accepted extends Pick<Finding, "file" | "rule" | "severity"> {
  readonly reason: string;
}

/** Startup and release files make the schema; seeds and data migrations come after them. */
const rank = (name: string): number => (name.startsWith("DM") ? 2 : name.startsWith("S") ? 1 : 0);
const inOrder = (names: readonly string[]): readonly string[] =>
  names.toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));

/** A module's migrations on empty databases, on those of every earlier version, and with many at once. */
export function migrationsSuite<R>(
  wiring: ModuleWiring<R>,
  { lint = [] }: { readonly lint?: readonly Accepted[] } = {},
): void {
  const schemas = [wiring.schema, `${wiring.schema}_app`];
  const files = inOrder(readdirSync(wiring.migrations).filter((name) => name.endsWith(".sql")));
  const described = (url: string): Promise<string> => describePostgres(url, schemas);

  /** A database with the roles and the schema `cutover`, and nothing of the module. */
  async function empty(): Promise<string> {
    const database = await postgresDatabase();
    onTestFinished(() => database.drop());
    await provision({ module: wiring, url: database.url });
    await createMigrator({ module: postgresSchema, url: database.url }).apply();
    return database.url;
  }

  async function folderOf(names: readonly string[]): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), `${wiring.name}-migrations-`));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    for (const name of names) await copyFile(join(wiring.migrations, name), join(folder, name));
    return folder;
  }

  let latest: string;
  beforeAll(async () => {
    const database = await modulePostgres(wiring);
    latest = await described(database.url);
    await database.drop();
  });

  it("migrations.empty: all are applied in order, once, and verify finds nothing", async () => {
    const migrator = createMigrator({ module: wiring, url: await empty() });
    expect((await migrator.plan()).pending.map(({ name }) => name)).toEqual(files);
    expect((await migrator.apply()).applied.map(({ name }) => name)).toEqual(files);
    expect((await migrator.apply()).applied).toEqual([]);
    expect(await migrator.verify()).toMatchObject({ clean: true, problems: [], pending: [], invalidIndexes: [] });
  });

  it.each(files.slice(0, -1).map((_, i) => ({ version: files[i], names: files.slice(0, i + 1) })))(
    "migrations.upgrade: from $version to the schema that an empty database gets",
    async ({ names }) => {
      const url = await empty();
      await createMigrator({ module: { ...wiring, migrations: await folderOf(names) }, url }).apply();
      const rest = files.slice(names.length);
      // Seeds and data migrations leave the schema as it is.
      expect((await described(url)) === latest).toBe(rest.every((name) => rank(name) > 0));
      const { applied } = await createMigrator({ module: wiring, url }).apply();
      expect(applied.map(({ name }) => name)).toEqual(rest);
      expect(await described(url)).toBe(latest);
    },
  );

  it("migrations.concurrent: of many at once each file is applied by one", async () => {
    const url = await empty();
    const all = await Promise.all(Array.from({ length: 8 }, () => createMigrator({ module: wiring, url }).apply()));
    expect(all.flatMap(({ applied }) => applied.map(({ name }) => name)).toSorted()).toEqual(files.toSorted());
    expect(await described(url)).toBe(latest);
  });

  it("migrations.lint: finds nothing in this module's files but what it cannot look into", async () => {
    const found = await lintModule(wiring);
    expect(found.map(({ file, rule, severity }) => ({ file, rule, severity }))).toEqual(
      lint.map(({ file, rule, severity }) => ({ file, rule, severity })),
    );
  });

  it("migrations.mongo: the collections and indexes are made once, and verified", async () => {
    const database = await mongoDatabase();
    const { db, close } = openMongo({ url: database.url });
    onTestFinished(async () => {
      await close();
      await database.drop();
    });
    await Promise.all([installMongo({ module: wiring, db }), installMongo({ module: wiring, db })]);
    await installMongo({ module: wiring, db });
    await verifyMongo(db, collectionsOf(wiring));
    const keyed = wiring.aggregates.find(({ unique }) => unique.length > 0);
    if (keyed === undefined) throw new Error(`${wiring.name} has no unique key to take away`);
    await db.collection(keyed.table).dropIndex(indexName("uq", keyed.table, keyed.unique[0]?.fields ?? []));
    await expect(verifyMongo(db, collectionsOf(wiring))).rejects.toMatchObject({ code: "MONGO_SCHEMA_DIFFERS" });
  });
}
