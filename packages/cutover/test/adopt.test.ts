import { tenantId } from "@stellaops/kernel";
import { openMongo, type Mongo } from "@stellaops/mongo";
import { mongoDatabase, type MongoDatabase } from "@stellaops/testkit";
import { aSource } from "@stellaops/testkit/source";
import { Binary, Decimal128, Double, Int32, Long, ObjectId, UUID, type Document } from "mongodb";
import { afterEach, beforeEach, expect, test } from "vitest";
import { scheduler } from "../../scheduler/src/index.ts";
import { sources } from "../../vuln/src/aggregates.ts";
import { repositories } from "../../vuln/src/mongo/index.ts";
import { transaction } from "@stellaops/mongo";
import {
  adopt,
  derivedId,
  installMongo,
  mappingOf,
  misfitsOf,
  namesOf,
  survey,
  type AdoptOptions,
} from "../src/index.ts";
import { fitterOf } from "../src/adopt/fit.ts";
import { acme, advisoryOf, vuln } from "./replication-rig.ts";

let database: MongoDatabase;
let mongo: Mongo;
beforeEach(async () => {
  database = await mongoDatabase();
  mongo = openMongo({ url: database.url });
});
afterEach(async () => {
  await mongo.close();
  await database.expectNoLeaks();
  await database.drop();
});

const at = new Date("2026-01-02T03:04:05.678Z");
const { id: _noId, ...plain } = aSource("");
const legacy = (_id: unknown, over: Document = {}): Document => ({
  _id,
  ...plain,
  key: `source ${String(_id)}`,
  ...over,
});
const collection = (name = "sources") => mongo.db.collection<Document>(name);
const all = (name = "sources") => collection(name).find().sort({ _id: 1 }).toArray();
const options = (rest: Partial<AdoptOptions> = {}): AdoptOptions => ({
  module: vuln,
  mongo,
  tenant: acme,
  mapping: {},
  ...rest,
});
const refusals = async () =>
  (await misfitsOf(mongo.db).find().sort({ _id: 1 }).toArray()).flatMap((one) =>
    one.refusals.map(({ path, code }) => `${String(one.name)} ${path} ${code}`),
  );
const uuid = "0190a1b2-0000-7000-8000-000000000001";

test("documents with ObjectIds and mixed numbers come into the module's shape, and a repository reads them", async () => {
  const [one, two, three] = [new ObjectId(), new ObjectId(), new ObjectId()];
  await collection().insertMany([
    legacy(one, { priority: new Double(3) }),
    legacy(two, { priority: Long.fromNumber(4), tenantId: "umbrella" }),
    legacy(three, { id: new UUID(uuid), priority: new Int32(5), revision: new Int32(7) }),
    legacy("acme/x", {
      id: "0190a1b2-0000-7000-8000-000000000002",
      tenantId: "@global",
      config: { a: [1.5, null, { $ref: "x", $id: 1 }] },
    }),
  ]);
  const before = await all();
  const [surveyed] = await survey({ module: vuln, mongo, tenant: acme, mapping: {}, only: ["sources"] });
  expect(surveyed).toMatchObject({ adoptable: 4, inPlace: 0, refused: 0, derived: 2, shape: { documents: 4 } });
  expect(surveyed?.shape.paths.find(({ path }) => path === "priority")).toEqual({
    path: "priority",
    declared: true,
    present: 4,
    of: 4,
    types: [
      { type: "Double", count: 1, least: 3, most: 3 },
      { type: "Int32", count: 2, least: 1, most: 5 },
      { type: "Long", count: 1, least: "4", most: "4" },
    ],
  });
  expect(await all()).toEqual(before);
  expect(await mongo.db.listCollections({}, { nameOnly: true }).toArray()).toHaveLength(1);

  const [done] = await adopt(options({ only: ["sources"] }));
  expect(done).toEqual({ collection: "sources", scanned: 4, adopted: 4, inPlace: 0, refused: 0 });
  await installMongo({ module: vuln, db: mongo.db });
  const read = (tenant: string, id: string) =>
    transaction(mongo, { tenant: tenantId(tenant) }, (unit) => new repositories.sources(unit).get(id));
  expect(await read("acme", derivedId(one))).toMatchObject({ priority: 3, revision: 1n, tenantId: "acme" });
  expect(await read("umbrella", derivedId(two))).toMatchObject({ priority: 4, tenantId: "umbrella" });
  expect(await read("acme", uuid)).toMatchObject({ priority: 5, revision: 7n });
  expect(await read("acme", "0190a1b2-0000-7000-8000-000000000002")).toMatchObject({
    tenantId: "@global",
    config: { a: [1.5, null, { $ref: "x", $id: 1 }] },
  });
  // The _id is never changed; what it was made from is known.
  expect((await all()).map(({ _id }) => _id)).toEqual(before.map(({ _id }) => _id));
  expect(await namesOf(mongo.db).find({ derived: true }).toArray()).toHaveLength(2);

  const adopted = await all();
  expect(await adopt(options({ only: ["sources"] }))).toMatchObject([{ adopted: 0, inPlace: 4, refused: 0 }]);
  expect(await all()).toEqual(adopted);
});

test("the same ObjectId gives the same id everywhere, so that references hold", async () => {
  const id = new ObjectId("0123456789abcdef01234567");
  expect(derivedId(id)).toBe("0a9a5be0-6ba9-5ba8-a7d5-2711bab33d8d");
  await collection().insertOne(legacy(id));
  await collection("source_states").insertOne({
    _id: new ObjectId(),
    sourceId: id,
    cursor: null,
    lastSuccessAt: null,
    lastError: null,
    failures: new Double(2),
    createdAt: at,
    updatedAt: at,
  });
  await adopt(options());
  expect(await all("source_states")).toMatchObject([{ sourceId: derivedId(id), failures: 2n, backoffUntil: null }]);
});

test("what does not fit is listed by path with the reason, and stays as it is", async () => {
  const wide = {
    _id: "wide",
    ...legacy("wide"),
    config: { big: Long.fromString("9007199254740993"), when: at, id: new ObjectId() },
  };
  await collection().insertMany([
    legacy("fits", { id: uuid }),
    legacy("text", { id: uuid.replace(/1$/, "2"), priority: "high", enabled: 1 }),
    legacy("half", { id: uuid.replace(/1$/, "3"), priority: 1.5 }),
    legacy("far", {
      id: uuid.replace(/1$/, "4"),
      createdAt: new Date("0000-06-01T00:00:00Z"),
      updatedAt: new Date(8.64e15),
    }),
    legacy("near", {
      id: uuid.replace(/1$/, "5"),
      createdAt: new Date("0001-01-01T00:00:00Z"),
      updatedAt: new Date("9999-12-31T23:59:59.999Z"),
    }),
    legacy("late", { id: uuid.replace(/1$/, "6"), updatedAt: new Date("+010000-01-01T00:00:00Z") }),
    legacy("nul", { id: uuid.replace(/1$/, "7"), name: "a\0b" }),
    legacy("strange", { id: uuid.replace(/1$/, "8"), colour: "red" }),
    legacy("upper", { id: uuid.toUpperCase() }),
    legacy("bytes", { id: new Binary(Buffer.alloc(16), 3) }),
    { ...wide, id: uuid.replace(/1$/, "9") },
    legacy("nobody", { id: uuid.replace(/1$/, "a"), tenantId: "No Body" }),
    legacy("old", { id: uuid.replace(/1$/, "b"), revision: "1" }),
    { _id: new Int32(5), key: "k" },
  ]);
  const before = await all();
  const [done] = await adopt(options({ only: ["sources"] }));
  expect(done).toMatchObject({ scanned: 14, adopted: 2, refused: 12 });
  expect(await refusals()).toEqual([
    "bytes id VALUE_INVALID",
    "far createdAt VALUE_DATE_RANGE",
    "far updatedAt VALUE_DATE_RANGE",
    "half priority VALUE_INVALID",
    "late updatedAt VALUE_DATE_RANGE",
    "nobody tenantId TENANT_INVALID",
    "nul name VALUE_NUL",
    "old revision VALUE_INVALID",
    "strange colour FIELD_UNKNOWN",
    "text priority VALUE_INVALID",
    "text enabled VALUE_INVALID",
    "upper id VALUE_ID",
    "wide config.big VALUE_NOT_JSON",
    "wide config.when VALUE_NOT_JSON",
    "wide config.id VALUE_NOT_JSON",
    ...[
      "id VALUE_INVALID",
      ...["createdAt", "updatedAt", "name", "kind", "priority", "enabled", "config"].map(
        (path) => `${path} VALUE_UNDEFINED`,
      ),
    ].map((line) => `5 ${line}`),
  ]);
  const fits = new Set(["fits", "near"]);
  const rest = (documents: readonly Document[]) => documents.filter(({ _id }) => !fits.has(String(_id)));
  expect(rest(await all())).toEqual(rest(before));
});

test("decimals, derived fields and children are stored as repositories store them", async () => {
  const { id: _id, baseScore: _, ...one } = { baseScore: null, ...advisoryOf() };
  const cvss = (baseScore: unknown) => [{ version: "3.1", vector: "CVSS:3.1/AV:N", baseScore, source: null }];
  const doc = (name: string, baseScore: unknown, over: Document = {}): Document => ({
    ...one,
    _id: name,
    advisoryKey: name,
    cvss: cvss(baseScore),
    ...over,
  });
  const key = (n: number) => ({ id: uuid.replace(/1$/, String(n)) });
  await collection("advisories").insertMany([
    doc("double", new Double(7.5), key(1)),
    doc("scaled", Decimal128.fromString("7.50"), key(2)),
    doc("exponent", Decimal128.fromString("1E+1"), key(3)),
    doc("whole", new Int32(9), key(4)),
    doc("fine", Decimal128.fromString("7.55"), key(5)),
    doc("nan", Decimal128.fromString("NaN"), key(6)),
    doc("child", null, { ...key(7), cvss: [{ ...cvss(null)[0], extra: 1 }, "none"] }),
    doc("doubled", null, {
      ...key(8),
      aliases: [
        { scheme: "CVE", value: "A" },
        { scheme: "CVE", value: "A" },
      ],
    }),
  ]);
  await adopt(options({ only: ["advisories"] }));
  const stored = new Map((await all("advisories")).map((document) => [document["_id"], document]));
  const scores = ["double", "scaled", "exponent", "whole"].map((name) =>
    String((stored.get(name as never)?.["cvss"] as Document[] | undefined)?.[0]?.["baseScore"]),
  );
  expect(scores).toEqual(["7.5", "7.5", "10", "9"]);
  expect(stored.get("double" as never)?.["searchWords"]).toEqual(expect.arrayContaining(["double"]));
  expect(stored.get("doubled" as never)?.["aliases"]).toEqual([{ scheme: "CVE", value: "A" }]);
  expect(await refusals()).toEqual([
    "child cvss.0.extra FIELD_UNKNOWN",
    "child cvss.1 VALUE_INVALID",
    "fine cvss.0.baseScore VALUE_SCALE",
    "nan cvss.0.baseScore VALUE_INVALID",
  ]);
});

test("a mapping renames, fills in, and keeps what nobody declared in a payload", async () => {
  const mapping = mappingOf(
    `{"sources": {"rename": {"title": "name", "_id": "key"}, "keep": "config",
      "defaults": {"enabled": true, "createdAt": {"$date": "2026-01-01T00:00:00Z"}, "updatedAt": {"$date": "2026-01-01T00:00:00Z"}}}}`,
    vuln,
  );
  const id = new ObjectId();
  await collection().insertOne({
    _id: id,
    title: "By title",
    kind: "osv",
    priority: 1,
    config: { a: 1 },
    colour: "red",
  });
  await collection().insertOne({
    _id: "two" as never,
    title: "Two",
    name: "One",
    kind: "osv",
    priority: 1,
    config: { colour: 1 },
    colour: "red",
  });
  await adopt(options({ only: ["sources"], mapping }));
  const [two, one] = await all();
  expect(one).toMatchObject({
    id: derivedId(id),
    key: id.toHexString(),
    name: "By title",
    enabled: true,
    url: null,
    config: { a: 1, colour: "red", _id: id.toHexString() },
  });
  expect(one).not.toHaveProperty("colour");
  expect(two).toHaveProperty("title");
  expect(await refusals()).toEqual(["two title FIELD_TAKEN", "two colour FIELD_TAKEN", "two id VALUE_ID"]);
  expect(await adopt(options({ only: ["sources"], mapping }))).toMatchObject([{ adopted: 0, inPlace: 1, refused: 1 }]);

  for (const wrong of [
    '{"nothing": {}}',
    '{"sources": {"rename": {"a": "b"}}}',
    '{"sources": {"keep": "name"}}',
    '{"sources": {"kept": 1}}',
    "{",
    "[]",
  ])
    expect(() => mappingOf(wrong, vuln)).toThrow(expect.objectContaining({ code: "ADOPT_MAPPING" }));
});

test("documents without a tenant need one to be named", async () => {
  await collection().insertOne(legacy("x", { id: uuid }));
  await adopt(options({ only: ["sources"], tenant: null }));
  expect(await refusals()).toEqual(["x tenantId TENANT_MISSING"]);
  expect(await adopt(options({ only: ["sources"] }))).toMatchObject([{ adopted: 1 }]);
  expect(await refusals()).toEqual([]);
});

test("of documents that share a unique value none is preferred, with or without the index", async () => {
  const twins = ["a", "b"].map((name, i) => legacy(name, { id: uuid.replace(/1$/, String(i)), key: "same" }));
  await collection().insertMany([
    ...twins,
    legacy("c", { id: uuid.replace(/1$/, "3") }),
    legacy("d", { id: uuid.replace(/1$/, "3") }),
  ]);
  await adopt(options({ only: ["sources"] }));
  expect(await refusals()).toEqual([
    "a key UNIQUE_VIOLATION",
    "b key UNIQUE_VIOLATION",
    "c id UNIQUE_VIOLATION",
    "d id UNIQUE_VIOLATION",
  ]);
  // Under the indexes a value that normalising makes equal is refused by the database.
  await collection().deleteMany({});
  await installMongo({ module: vuln, db: mongo.db });
  await collection().insertMany([
    legacy("a", { tenantId: "acme", id: uuid }),
    legacy("b", { tenantId: "acme", id: new UUID(uuid), key: "b" }),
  ]);
  expect(await adopt(options({ only: ["sources"] }))).toMatchObject([{ adopted: 1, refused: 1 }]);
  expect(await refusals()).toEqual(["b  REVISION_CONFLICT"]);
});

test("what is marked as deleted shares its unique values with what is live, and with others that are deleted", async () => {
  const stamps = { createdAt: at, updatedAt: at };
  const schedule = (_id: string, over: Document = {}): Document => ({
    _id,
    name: "nightly",
    enabled: true,
    cron: "0 3 * * *",
    timezone: "UTC",
    misfire: "skip",
    misfireGraceSeconds: 60,
    mode: "analysis_only",
    selection: {},
    onlyIf: null,
    notify: null,
    limits: null,
    subscribers: [],
    createdBy: "a",
    updatedBy: "a",
    deletedAt: null,
    deletedBy: null,
    ...stamps,
    ...over,
  });
  const gone = { deletedAt: at, deletedBy: "a" };
  const ids = [1, 2, 3, 4, 5].map((n) => ({ id: uuid.replace(/1$/, String(n)) }));
  await collection("schedules").insertMany([
    schedule("live", ids[0]),
    schedule("gone", { ...ids[1], ...gone }),
    schedule("gone too", { ...ids[2], ...gone }),
    schedule("twice", { ...ids[3], name: "twice" }),
    schedule("twice too", { ...ids[4], name: "twice" }),
  ]);
  const [done] = await adopt({ ...options({ only: ["schedules"] }), module: scheduler });
  expect(done).toMatchObject({ scanned: 5, adopted: 3, refused: 2 });
  expect((await refusals()).toSorted()).toEqual(["twice name UNIQUE_VIOLATION", "twice too name UNIQUE_VIOLATION"]);
});

test("a mapping makes no two documents share a unique value, and takes no name that is taken", async () => {
  const sourcesBy = (mapping: object) =>
    options({ only: ["sources"], mapping: mappingOf(JSON.stringify({ sources: mapping }), vuln) });
  const ids = Array.from({ length: 3 }, (_, i) => uuid.replace(/1$/, String(i)));
  const one = (_id: unknown, n: number, over: Document = {}): Document => legacy(_id, { id: ids[n], ...over });
  const without = (_id: unknown, n: number, over: Document = {}): Document => {
    const { key: _, ...rest } = one(_id, n, over);
    return rest;
  };
  const byId = sourcesBy({ rename: { _id: "key" }, keep: "config" });

  await collection().insertMany([one("a", 0, { key: "dup" }), one("b", 1, { key: "dup" }), one("c", 2, { key: "c" })]);
  const before = await all();
  expect(await adopt(byId)).toMatchObject([{ adopted: 1, refused: 2 }]);
  expect(await refusals()).toEqual(["a _id FIELD_TAKEN", "b _id FIELD_TAKEN"]);
  expect((await all()).slice(0, 2)).toEqual(before.slice(0, 2));

  // What was adopted is the module's, which may have given it another key since: it stays, and shares none.
  await collection().deleteMany({ _id: { $ne: "c" as never } });
  await collection().updateOne({ _id: "c" as never }, { $set: { key: "d" } });
  await collection().insertOne(without("d", 0));
  expect(await adopt(byId)).toMatchObject([{ adopted: 0, refused: 2 }]);
  expect(await refusals()).toEqual(["c key UNIQUE_VIOLATION", "d key UNIQUE_VIOLATION"]);

  for (const [mapping, documents] of [
    [{ rename: { slug: "key" } }, [without("a", 0, { slug: "same" }), one("b", 1, { key: "same" })]],
    [{ defaults: { key: "same" } }, [without("a", 0), without("b", 1), one("c", 2)]],
  ] as const) {
    await collection().deleteMany({});
    await collection().insertMany([...documents]);
    await adopt(sourcesBy(mapping));
    expect(await refusals()).toEqual(["a key UNIQUE_VIOLATION", "b key UNIQUE_VIOLATION"]);
  }
});

test("a fitting document says whether it is stored as a repository stores it", async () => {
  await installMongo({ module: vuln, db: mongo.db });
  await transaction(mongo, { tenant: acme }, (unit) => new repositories.sources(unit).put(aSource(uuid), 0n));
  const fit = fitterOf(sources, { tenant: null, mapping: {} });
  const [bytes] = (await collection().find({}, { raw: true }).toArray()) as unknown as Uint8Array[];
  expect(fit(bytes ?? new Uint8Array())).toMatchObject({ fits: true, inPlace: true, revision: 1n, derived: false });
});
