import { mongoDatabase, withMongo, type MongoDatabase } from "@stellaops/testkit";
import { MongoClient, type Db } from "mongodb";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { applyMongo, verifyMongo, type MongoSchema } from "../src/index.ts";
import { failing } from "./support.ts";

let database: MongoDatabase;
let client: MongoClient;
let db: Db;
beforeAll(async () => {
  database = await mongoDatabase();
  client = await new MongoClient(database.url, { useBigInt64: true, monitorCommands: true }).connect();
  db = client.db();
});
beforeEach(() => db.dropDatabase());
afterEach(() => client.removeAllListeners());
afterAll(async () => {
  await client.close();
  await database.expectNoLeaks();
  await database.drop();
});

const identity = { name: "uq_advisories_id", key: { tenantId: 1, id: 1 }, unique: true } as const;
const partial = {
  name: "uq_advisories_key",
  key: { tenantId: 1, key: -1 },
  unique: true,
  partialFilterExpression: { key: { $type: "string" } },
} as const;
const schema: MongoSchema = {
  name: "vuln",
  collections: {
    advisories: { indexes: [identity, partial], validator: { $jsonSchema: { required: ["tenantId", "id"] } } },
    sources: { indexes: [] },
  },
};
const changed = (change: Partial<MongoSchema["collections"]["x"]>): MongoSchema => ({
  ...schema,
  collections: { ...schema.collections, advisories: { indexes: [identity, partial], ...change } },
});
const kinds = (result: { readonly applied: readonly { readonly kind: string }[] }): string[] =>
  result.applied.map(({ kind }) => kind);

describe("applyMongo", () => {
  test("makes what is declared, then costs one round trip", async () => {
    expect(kinds(await applyMongo(db, schema, { dryRun: true }))).toHaveLength(4);
    expect(await db.listCollections().toArray()).toEqual([]);
    expect(kinds(await applyMongo(db, schema))).toEqual([
      "collection-missing",
      "index-missing",
      "index-missing",
      "collection-missing",
    ]);
    await verifyMongo(db, schema);
    const commands: string[] = [];
    client.on("commandStarted", ({ commandName }) => commands.push(commandName));
    expect(await applyMongo(db, schema)).toEqual({ applied: [] });
    expect(commands).toEqual(["find"]);
  });

  test("adds a new index, changes a validator, and leaves the rest alone", async () => {
    await applyMongo(db, schema);
    const next = changed({ indexes: [partial, identity, { name: "idx_advisories_at", key: { tenantId: 1, at: 1 } }] });
    expect(kinds(await applyMongo(db, next)).toSorted()).toEqual(["index-missing", "validator-different"]);
    await verifyMongo(db, next);
  });

  test("may be called by many at once", async () => {
    await Promise.all(Array.from({ length: 8 }, () => withMongo(database.url, (one) => applyMongo(one.db(), schema))));
    await expect(verifyMongo(db, schema)).resolves.toBeUndefined();
  });

  test("refuses an index in another form or undeclared, until it is told to rebuild", async () => {
    await applyMongo(db, schema);
    await db.collection("advisories").createIndex({ stray: 1 }, { name: "idx_stray" });
    const next = changed({ indexes: [identity, { ...partial, key: { tenantId: 1, key: 1 } }] });
    await expect(applyMongo(db, next)).rejects.toMatchObject(
      failing(
        "MONGO_SCHEMA_DIFFERS",
        /index advisories\.uq_advisories_key is there in another form; index advisories\.idx_stray is not declared; run `.*--rebuild`/,
      ),
    );
    await applyMongo(db, next, { rebuild: true });
    await verifyMongo(db, next);
  });

  test("builds what is missing since, when it is told to look, and drops nothing", async () => {
    await applyMongo(db, schema);
    await db.collection("advisories").dropIndex(identity.name);
    await db.collection("sources").drop();
    expect(await applyMongo(db, schema)).toEqual({ applied: [] });
    expect(kinds(await applyMongo(db, schema, { look: true }))).toEqual(["index-missing", "collection-missing"]);
    await verifyMongo(db, schema);
    expect(await applyMongo(db, schema, { look: true })).toEqual({ applied: [] });
    await db.collection("sources").createIndex({ stray: 1 }, { name: "idx_stray" });
    await expect(applyMongo(db, schema, { look: true })).rejects.toMatchObject(
      failing("MONGO_SCHEMA_DIFFERS", /idx_stray is not declared; run `.*--rebuild`/),
    );
    expect(await db.collection("sources").indexExists("idx_stray")).toBe(true);
  });

  test("names duplicates that keep a unique index from being built", async () => {
    await db.collection("advisories").insertMany([
      { tenantId: "a", id: "1" },
      { tenantId: "a", id: "1" },
    ]);
    await expect(applyMongo(db, schema)).rejects.toMatchObject(
      failing("MONGO_INDEX_DUPLICATES", /remove the duplicates/),
    );
    await db.collection("advisories").deleteOne({});
    await applyMongo(db, schema);
  });
});

describe("verifyMongo", () => {
  const differs = (kind: string, message: RegExp): object => ({
    ...failing("MONGO_SCHEMA_DIFFERS", message),
    details: { differences: [expect.objectContaining({ kind })] },
  });
  test.each<[string, () => Promise<unknown>, RegExp]>([
    ["collection-missing", () => db.collection("sources").drop(), /collection sources is missing/],
    [
      "index-missing",
      () => db.collection("advisories").dropIndex(identity.name),
      /index advisories\.uq_advisories_id is missing/,
    ],
    ["index-extra", () => db.collection("sources").createIndex({ x: 1 }), /index sources\.x_1 is not declared/],
    [
      "validator-different",
      () => db.command({ collMod: "advisories", validator: {} }),
      /collection advisories has another validator/,
    ],
    [
      "index-different",
      async () => {
        await db.collection("advisories").dropIndex(partial.name);
        await db.collection("advisories").createIndex({ ...partial.key }, { name: partial.name, unique: true });
      },
      /in another form/,
    ],
  ])("%s", async (kind, change, message) => {
    await applyMongo(db, schema);
    await change();
    await expect(verifyMongo(db, schema)).rejects.toMatchObject(differs(kind, message));
  });

  test("of a server that is not there is told", async () => {
    const nobody = new MongoClient("mongodb://127.0.0.1:1/x?serverSelectionTimeoutMS=50");
    await expect(verifyMongo(nobody.db(), schema)).rejects.toMatchObject({
      code: "MONGODB_UNREACHABLE",
      family: "unavailable",
    });
    await nobody.close();
  });
});
