import { copyFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collectionsOf, installMongo, installPostgres, postgresSchema } from "@stellaops/cutover";
import { openMongo } from "@stellaops/mongo";
import { createMigrator, lintModule, provision, verifyMongo } from "@stellaops/migrator";
import { mongoDatabase, postgresDatabase } from "@stellaops/testkit";
import { describePostgres } from "@stellaops/testkit/schema";
import { vuln } from "@stellaops/vuln";
import { expect, it, onTestFinished } from "vitest";

const files = (await readdir(vuln.migrations)).filter((name) => name.endsWith(".sql")).toSorted();

/** A database with the roles and the schema `cutover`, and nothing of the module. */
async function empty(): Promise<string> {
  const database = await postgresDatabase();
  onTestFinished(() => database.drop());
  await provision({ module: vuln, url: database.url });
  await createMigrator({ module: postgresSchema, url: database.url }).apply();
  return database.url;
}

async function folderOf(names: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "vuln-migrations-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const name of names) await copyFile(join(vuln.migrations, name), join(folder, name));
  return folder;
}

const latest = await (async () => {
  const database = await postgresDatabase();
  await installPostgres({ module: vuln, url: database.url });
  const text = await describePostgres(database.url, ["vuln", "vuln_app"]);
  await database.drop();
  return text;
})();

it("migrations.empty: all are applied in order, once, and verify finds nothing", async () => {
  const migrator = createMigrator({ module: vuln, url: await empty() });
  expect((await migrator.plan()).pending.map(({ name }) => name)).toEqual(files);
  expect((await migrator.apply()).applied.map(({ name }) => name)).toEqual(files);
  expect((await migrator.apply()).applied).toEqual([]);
  expect(await migrator.verify()).toMatchObject({ clean: true, problems: [], pending: [], invalidIndexes: [] });
});

it.each(files.slice(0, -1).map((_, i) => ({ version: files[i], names: files.slice(0, i + 1) })))(
  "migrations.upgrade: from $version to the schema that an empty database gets",
  async ({ names }) => {
    const url = await empty();
    await createMigrator({ module: { ...vuln, migrations: await folderOf(names) }, url }).apply();
    expect(await describePostgres(url, ["vuln", "vuln_app"])).not.toBe(latest);
    const { applied } = await createMigrator({ module: vuln, url }).apply();
    expect(applied.map(({ name }) => name)).toEqual(files.slice(names.length));
    expect(await describePostgres(url, ["vuln", "vuln_app"])).toBe(latest);
  },
);

it("migrations.concurrent: of many at once each file is applied by one", async () => {
  const url = await empty();
  const all = await Promise.all(Array.from({ length: 8 }, () => createMigrator({ module: vuln, url }).apply()));
  expect(all.flatMap(({ applied }) => applied.map(({ name }) => name)).toSorted()).toEqual(files);
  expect(await describePostgres(url, ["vuln", "vuln_app"])).toBe(latest);
});

it("migrations.lint: finds nothing in this module's files but what it cannot look into", async () => {
  const found = await lintModule(vuln);
  // The loop that protects every table: tenancy.test.ts looks at what it did.
  expect(found).toMatchObject([{ file: "001_tables.sql", rule: "opaque", severity: "warning" }]);
});

it("migrations.mongo: the collections and indexes are made once, and verified", async () => {
  const database = await mongoDatabase();
  const { db, close } = openMongo({ url: database.url });
  onTestFinished(async () => {
    await close();
    await database.drop();
  });
  await Promise.all([installMongo({ module: vuln, db }), installMongo({ module: vuln, db })]);
  await installMongo({ module: vuln, db });
  await verifyMongo(db, collectionsOf(vuln));
  await db.collection("advisories").dropIndex("uq_advisories_advisory_key");
  await expect(verifyMongo(db, collectionsOf(vuln))).rejects.toMatchObject({ code: "MONGO_SCHEMA_DIFFERS" });
});
