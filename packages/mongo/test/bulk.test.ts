import { manualClock, seededIds, tenantId } from "@stellaops/kernel";
import { mongoDatabase, type MongoDatabase } from "@stellaops/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { installMongo } from "../../cutover/src/install.ts";
import { advisories, type Advisory } from "../../vuln/src/aggregates.ts";
import { generateOsv } from "../../vuln/src/domain/generate.ts";
import { mapOsv } from "../../vuln/src/domain/osv.ts";
import { vuln } from "../../vuln/src/module.ts";
import { repositories } from "../../vuln/src/mongo/index.ts";
import { bulkLoad, bulkUpsert, openMongo, singleUnit, type Mongo } from "../src/index.ts";

const acme = tenantId("acme");
const at = new Date("2026-03-01T12:00:00.000Z");
const ids = seededIds(manualClock(at), 5);
let database: MongoDatabase;
let mongo: Mongo;

beforeAll(async () => {
  database = await mongoDatabase();
  mongo = openMongo({ url: database.url });
  await installMongo({ module: vuln, db: mongo.db });
});
afterEach(async () => {
  for (const name of ["advisories", "stage"]) await mongo.db.collection(name).deleteMany({});
});
afterAll(async () => {
  await mongo.close();
  await database.expectNoLeaks();
  await database.drop();
});

const sample = (count: number): Advisory[] =>
  [...generateOsv({ count, seed: 1 })].map((record) => ({
    ...mapOsv(record),
    id: ids.next(),
    sourceId: "01890000-0000-7000-8000-000000000001",
    createdAt: at,
    updatedAt: at,
  }));
const reader = () => new repositories.advisories(singleUnit(mongo, { tenant: acme }));
const stored = () => mongo.db.collection("advisories").countDocuments({});

for (const [name, bulk] of Object.entries({ bulkLoad, bulkUpsert })) {
  const run = (items: readonly Advisory[], options = {}) => bulk(mongo, advisories, acme, items, options);

  test(`${name} stores what the repository reads back, over chunks`, async () => {
    const items = sample(45);
    const seen: number[] = [];
    const onProgress = ({ rows }: { rows: number }) => void seen.push(rows);
    expect(await run(items, { chunk: 20, onProgress })).toEqual({ rows: 45 });
    expect(seen).toEqual([20, 40, 45]);
    for (const item of items)
      expect(await reader().get(item.id)).toMatchObject({
        ...item,
        aliases: expect.any(Array),
        weaknesses: expect.any(Array),
        revision: 1n,
      });
  });

  test(`${name} rolls a refused chunk back whole`, async () => {
    const [a, b, c] = sample(3);
    await expect(run([a!, b!, { ...c!, advisoryKey: a!.advisoryKey }])).rejects.toMatchObject({
      code: "UNIQUE_VIOLATION",
    });
    expect(await stored()).toBe(0);
    await expect(run([a!, { ...b!, title: "\0" }], { chunk: 1 })).rejects.toMatchObject({ code: "VALUE_NUL" });
    expect(await stored()).toBe(1);
  });

  test(`${name} ends at a chunk's end when it is aborted`, async () => {
    const stop = new AbortController();
    const onProgress = () => stop.abort(new Error("enough"));
    await expect(run(sample(30), { chunk: 10, signal: stop.signal, onProgress })).rejects.toThrow("enough");
    expect(await stored()).toBe(10);
  });

  test(`${name} is refused where a stage is recorded`, async () => {
    await mongo.db.collection("stage").insertOne({ module: "vuln" });
    await expect(run(sample(1))).rejects.toMatchObject({ code: "BULK_STAGE_RECORDED" });
  });
}

test("bulkLoad refuses an aggregate that is there", async () => {
  const items = sample(2);
  await bulkLoad(mongo, advisories, acme, items);
  await expect(bulkLoad(mongo, advisories, acme, items)).rejects.toMatchObject({ code: "REVISION_CONFLICT" });
});

test("bulkUpsert replaces what is there at its next revision; of two of one id in a chunk the later stands", async () => {
  const [one, other] = sample(2);
  await bulkUpsert(mongo, advisories, acme, [one!, other!]);
  await bulkUpsert(mongo, advisories, acme, [one!, { ...one!, title: "later", weaknesses: [] }]);
  expect(await reader().get(one!.id)).toMatchObject({ title: "later", weaknesses: [], revision: 2n });
  expect(await reader().get(other!.id)).toMatchObject({ revision: 1n });
});
