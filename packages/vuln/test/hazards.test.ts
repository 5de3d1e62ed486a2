import { canonicalJson, cleanJson, maxBytes, type Json } from "@stellaops/kernel";
import { jsonArbitrary, outcomeOf, type Outcome } from "@stellaops/testkit";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Advisory } from "../src/aggregates.ts";
import { hazards } from "./hazards.ts";
import { mongoRig, type MongoRig } from "./mongo-rig.ts";
import { postgresRig, type PostgresRig } from "./postgres-rig.ts";
import { advisory, day, fresh, kevFlag, noon, source, sourceState } from "./samples.ts";
import type { Scope } from "./store.ts";

let postgres: PostgresRig;
let mongo: MongoRig;
beforeAll(async () => void ([postgres, mongo] = await Promise.all([postgresRig(), mongoRig()])));
afterEach(() => Promise.all([postgres.reset(), mongo.reset()]));
afterAll(() => Promise.all([postgres.close(), mongo.close()]));

/** The same on both databases; gives what they agreed on. */
async function both(work: (scope: Scope) => Promise<unknown>): Promise<Outcome> {
  const [one, other] = await Promise.all([postgres, mongo].map((rig) => outcomeOf(() => work(rig.at("acme")))));
  expect(other).toEqual(one);
  return one!;
}
/** Puts an advisory and reads it back, on both. */
const roundTrip = (over: Partial<Advisory>) => {
  const one = advisory(over);
  return both(async ({ advisories }) => {
    await advisories.put(one, 0n);
    return advisories.get(one.id);
  });
};
const refusal = (error: string, path: string) => ({ error, family: "data", path });
const json = (value: unknown) => roundTrip({ raw: value });

const cases: Readonly<Record<string, () => Promise<unknown>>> = {
  "U+0000 in text or a key": async () => {
    expect(await roundTrip({ title: "a\0" })).toMatchObject(refusal("VALUE_NUL", "title"));
    expect(await roundTrip({ credits: [{ name: "a", kind: null, contact: ["\0"] }] })).toMatchObject(
      refusal("VALUE_NUL", "credits.0.contact.0"),
    );
    expect(await json({ a: [{ "\0": 1 }] })).toMatchObject({ error: "VALUE_NUL" });
  },
  "lone surrogate": async () => {
    expect(await roundTrip({ summary: "\ud83d" })).toMatchObject(refusal("VALUE_NOT_WELL_FORMED", "summary"));
    expect(await json({ "\udc00": 1 })).toMatchObject({ error: "VALUE_NOT_WELL_FORMED" });
  },
  "NaN, ±Infinity in JSON": async () => {
    for (const value of [Number.NaN, Infinity, -Infinity])
      expect(await json({ a: [value] })).toMatchObject(refusal("VALUE_NOT_FINITE", "raw.a.0"));
  },
  "−0": async () => {
    const raw = { list: [-0], object: { zero: -0 } };
    expect(await json(raw)).toMatchObject({ value: { raw: { list: [0], object: { zero: 0 } } } });
    const zero = source({ key: "zero", priority: -0 });
    expect(await both(({ sources }) => sources.put(zero, 0n))).toEqual({ value: 1n });
    expect(await both(({ sources }) => sources.findByKey("zero"))).toMatchObject({ value: { priority: 0 } });
  },
  "integers beyond 2^53": async () => {
    const state = sourceState({ failures: 2n ** 63n - 1n });
    const read = await both(async ({ sourceStates }) => {
      await sourceStates.put(state, 0n);
      return sourceStates.findBySource(state.sourceId);
    });
    expect(read).toMatchObject({ value: { failures: 9_223_372_036_854_775_807n } });
    expect(await both(({ sourceStates }) => sourceStates.put(sourceState({ failures: 2n ** 63n }), 0n))).toMatchObject(
      refusal("VALUE_OUT_OF_RANGE", "failures"),
    );
    // In a payload they are what JSON.parse makes of them: doubles, the same on both.
    expect(await json([2 ** 53, 2 ** 53 + 2, -(2 ** 63), 1e21, 5e-324, Number.MAX_VALUE])).toMatchObject({
      value: { raw: [2 ** 53, 2 ** 53 + 2, -(2 ** 63), 1e21, 5e-324, Number.MAX_VALUE] },
    });
    expect(await json([1n])).toMatchObject(refusal("VALUE_NOT_JSON", "raw.0"));
  },
  "Decimal128 and numeric scale": async () => {
    const scores = ["7.0", "007", "-0.0", "10", "99999999999999999999999999999.9"];
    const cvss = scores.map((baseScore) => ({ version: "", vector: "", baseScore, source: null }));
    const read = await roundTrip({ cvss });
    const stored = ["7", "7", "0", "10", "99999999999999999999999999999.9"];
    expect(read).toMatchObject({ value: { cvss: stored.map((baseScore) => ({ baseScore })) } });
  },
  "excess numeric scale": async () => {
    const cvss = [{ version: "", vector: "", baseScore: "9.85", source: null }];
    expect(await roundTrip({ cvss })).toMatchObject(refusal("VALUE_SCALE", "cvss.0.baseScore"));
  },
  "date precision": async () => {
    const at = new Date(1_767_225_600_123.9);
    expect(await roundTrip({ publishedAt: at })).toMatchObject({ value: { publishedAt: new Date(1_767_225_600_123) } });
  },
  "invalid Date": async () => {
    expect(await roundTrip({ publishedAt: new Date(Number.NaN) })).toMatchObject(refusal("VALUE_DATE", "publishedAt"));
  },
  "far dates": async () => {
    const [first, last] = [new Date("0001-01-01T00:00:00.000Z"), new Date("9999-12-31T23:59:59.999Z")];
    expect(await roundTrip({ publishedAt: first, modifiedAt: last })).toMatchObject({
      value: { publishedAt: first, modifiedAt: last },
    });
    for (const ms of [first.getTime() - 1, last.getTime() + 1])
      expect(await roundTrip({ modifiedAt: new Date(ms) })).toMatchObject(refusal("VALUE_DATE_RANGE", "modifiedAt"));
  },
  undefined: async () => {
    expect(await roundTrip({ summary: undefined as never })).toMatchObject(refusal("VALUE_UNDEFINED", "summary"));
    expect(await json({ a: undefined })).toMatchObject(refusal("VALUE_UNDEFINED", "raw.a"));
    expect(await json([, 1])).toMatchObject(refusal("VALUE_UNDEFINED", "raw.0")); // oxlint-disable-line no-sparse-arrays
  },
  "object key order": async () => {
    const one = JSON.parse('{"b":1,"a":{"d":1,"c":2},"10":1,"9":2}') as Json;
    const read = await json(one);
    if (!("value" in read)) throw new Error("refused");
    expect(canonicalJson((read.value as Advisory).raw as Json)).toBe(canonicalJson(one));
  },
  'keys "", "a.b", "$x"': async () => {
    const raw = JSON.parse('{"":{"":1},"a.b":{"$set":1},"$x":[{"$gt":""}],"a":{"b":2}}') as Json;
    expect(await json(raw)).toMatchObject({ value: { raw } });
    const state = sourceState();
    const advanced = await both(async ({ sourceStates }) => {
      await sourceStates.put(state, 0n);
      return sourceStates.advanceCursor({ sourceId: state.sourceId, expected: 1n, cursor: raw, at: noon });
    });
    expect(advanced).toMatchObject({ value: { cursor: raw } });
  },
  "keys that a driver treats specially": async () => {
    const special = [
      '{"__proto__":{"x":1},"constructor":1,"toString":null,"toBSON":1,"toJSON":2}',
      '{"constructor":[{"a":1}],"toString":[{"b":[{"c":1}]}],"__proto__":[{"d":1}],"hasOwnProperty":[[{"e":1}]]}',
      '{"$ref":"things","$id":1}',
      '{"$ref":"things","$id":{"a":1},"$db":"other","z":1}',
      '{"$id":1,"$ref":"things"}',
      '{"$ref":"a.b.c","$id":1}',
      '{"$ref":"a.b"}',
      '{"$oid":"000000000000000000000000","$date":1,"$numberLong":"1"}',
    ];
    for (const text of special) {
      const read = await json(JSON.parse(text));
      if (!("value" in read)) throw new Error(`${text} was refused: ${read.error}`);
      expect(canonicalJson((read.value as Advisory).raw as Json)).toBe(canonicalJson(JSON.parse(text) as Json));
    }
    for (const text of ['{"_bsontype":"Long"}', '{"a":[{"_bsontype":1}]}', '{"$ref":"a.b","$id":1}'])
      expect(await json(JSON.parse(text))).toMatchObject({ error: "VALUE_KEY_RESERVED", family: "data" });
  },
  arrays: async () => {
    const one = advisory({
      advisoryKey: "one",
      aliases: [
        { scheme: "CVE", value: "a" },
        { scheme: "GO", value: "b" },
      ],
    });
    await both(({ advisories }) => advisories.put(one, 0n));
    expect(await both(({ advisories }) => advisories.findByAlias("CVE", "b"))).toEqual({
      value: { items: [], next: null },
    });
    expect(await both(({ advisories }) => advisories.findByKey(["one"] as never))).toMatchObject({ family: "data" });
  },
  "mixed types in one field": async () => {
    expect(await roundTrip({ title: 1 as never })).toMatchObject(refusal("VALUE_INVALID", "title"));
    expect(await both(({ sources }) => sources.put(source({ priority: 1.5 }), 0n))).toMatchObject({ family: "data" });
    expect(await both(({ sources }) => sources.put(source({ priority: 2 ** 31 }), 0n))).toMatchObject({
      family: "data",
    });
    // A document that another program left in another shape is told, not guessed at.
    await mongo.mongo.db
      .collection("sources")
      .insertOne({ ...source({ key: "odd" }), tenantId: "acme", revision: 1n, x: 1 });
    expect(await outcomeOf(() => mongo.at("acme").sources.findByKey("odd"))).toMatchObject({
      error: "DOCUMENT_UNREADABLE",
      path: "x",
    });
  },
  "text order": async () => {
    const keys = ["\u{1f600}", "\uffff", "é", "z", "a", "Z", "", " ", "e\u0301"];
    await both(async ({ sources }) => {
      for (const key of keys)
        await sources.put(
          source({ id: `01890000-0000-7000-8000-${String(keys.indexOf(key)).padStart(12, "0")}`, key }),
          0n,
        );
    });
    const page = await both(({ sources }) => sources.listEnabled());
    const found =
      "value" in page ? (page.value as { items: readonly { key: string }[] }).items.map(({ key }) => key) : [];
    expect(found).toEqual(["", " ", "Z", "a", "e\u0301", "z", "é", "\uffff", "\u{1f600}"]);
  },
  "ties in a sort": async () => {
    const tied = Array.from({ length: 9 }, () => advisory({ modifiedAt: noon }));
    await both(({ advisories }) => advisories.ingestBatch(tied));
    let after: string | null = null;
    do {
      const page = await both(({ advisories }) => advisories.listModifiedSince(noon, { limit: 2, after }));
      after = "value" in page ? (page.value as { next: string | null }).next : null;
    } while (after !== null);
  },
  "null in an IN list": async () => {
    expect(await both(({ kevFlags }) => kevFlags.isKnownExploited([null as never]))).toMatchObject({ family: "data" });
  },
  "duplicate key": async () => {
    const one = source();
    await both(({ sources }) => sources.put(one, 0n));
    expect(await both(({ sources }) => sources.put(source({ key: one.key }), 0n))).toMatchObject({
      error: "UNIQUE_VIOLATION",
      constraint: "uq_sources_key",
    });
    expect(await both(({ sources }) => sources.put(source({ id: one.id }), 0n))).toMatchObject({
      error: "REVISION_CONFLICT",
    });
  },
  "unique only after index exists": async () => {
    await mongo.mongo.db.collection("sources").dropIndex("uq_sources_key");
    const { openVuln } = await import("@stellaops/vuln");
    const opening = outcomeOf(() => openVuln({ mongo: mongo.mongo, stage: "mongo" }));
    expect(await opening).toMatchObject({ error: "MONGO_SCHEMA_DIFFERS" });
    const key = { tenantId: 1, key: 1 } as const;
    await mongo.mongo.db.collection("sources").createIndex(key, { name: "uq_sources_key", unique: true });
  },
  "document size": async () => {
    const large = "x".repeat(maxBytes - 4_000);
    const read = await json({ large });
    expect("value" in read && (read.value as { raw: { large: string } }).raw.large.length).toBe(large.length);
    expect(await json({ large: `${large}${"x".repeat(4_000)}` })).toMatchObject({ error: "VALUE_TOO_LARGE" });
    // Two bytes in UTF-8 count as two.
    expect(await json({ large: "é".repeat(maxBytes / 2) })).toMatchObject({ error: "VALUE_TOO_LARGE" });
  },
  "nesting depth": async () => {
    const nested = (depth: number): Json =>
      depth === 0 ? 1 : depth % 2 === 0 ? [nested(depth - 1)] : { a: nested(depth - 1) };
    // The deepest place a payload stands in: inside a child, inside its root.
    const at = (depth: number) => [
      { ecosystem: "", package: "", purl: null, ranges: nested(depth) as never, versions: [], fixed: [] },
    ];
    expect(await roundTrip({ affected: at(90) })).toMatchObject({ value: { affected: at(90) } });
    expect(await roundTrip({ affected: at(91) })).toMatchObject({ error: "VALUE_TOO_DEEP" });
  },
  "long key in an index": async () => {
    // Of code points that take four bytes and do not repeat, so that no compression helps.
    const long = (length: number) =>
      Array.from({ length }, (_, i) => String.fromCodePoint(0x10000 + ((i * 7_919) % 0xfffff)))
        .join("")
        .toWellFormed();
    const affected = [
      { ecosystem: long(100), package: long(400), purl: long(500), ranges: [], versions: [long(400)], fixed: [] },
    ];
    const aliases = [{ scheme: long(40), value: long(200) }];
    expect(await roundTrip({ advisoryKey: long(200), affected, aliases })).toMatchObject({ value: { affected } });
    expect(await both(({ advisories }) => advisories.findByPackage({ purl: long(500) }))).toMatchObject({
      value: { items: [{ affected }] },
    });
  },
  "write concern": async () => {
    // What is acknowledged is in a majority's journal, and is what the next read gives.
    expect(mongo.mongo.client.options.writeConcern).toMatchObject({ w: "majority", j: true });
    const { rows } = await postgres.postgres.pool.query(
      "select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit",
    );
    expect(rows).toEqual([{ fsync: "on", commit: "on" }]);
  },
  "string length": async () => {
    expect(await roundTrip({ primaryId: "\u{1f600}".repeat(200) })).toMatchObject({
      value: { primaryId: "\u{1f600}".repeat(200) },
    });
    expect(await roundTrip({ primaryId: "\u{1f600}".repeat(201) })).toMatchObject(
      refusal("VALUE_TOO_LONG", "primaryId"),
    );
  },
  "uniqueness inside an embedded array": async () => {
    const alias = { scheme: "CVE", value: "1" };
    expect(await roundTrip({ aliases: [alias, { ...alias }] })).toMatchObject({ value: { aliases: [alias] } });
    const flags = [kevFlag({ cve: "A" }), kevFlag({ cve: "A" })];
    expect(await both(({ kevFlags }) => kevFlags.replaceAll(flags))).toMatchObject({ error: "BATCH_DUPLICATE" });
  },
  "text search input above 1 MB": async () => {
    const words = Array.from({ length: 60_000 }, (_, i) => `w${i.toString(36)}${"\u{1d7d8}".repeat(3)}`).join(" ");
    const one = advisory({ title: "begin", details: words.slice(0, 999_000).toWellFormed() });
    expect(await both(({ advisories }) => advisories.put(one, 0n))).toEqual({ value: 1n });
    expect(await both(({ advisories }) => advisories.search("begin w1000"))).toMatchObject({ value: { items: [one] } });
    // Beyond the words that are kept: found by neither.
    expect(await both(({ advisories }) => advisories.search("wv9c000"))).toMatchObject({ value: { items: [] } });
    const wide = advisory({ title: "x", details: "\ufdfa".repeat(90_000) });
    expect(await both(({ advisories }) => advisories.put(wide, 0n))).toEqual({ value: 1n });
  },
  "unordered bulk refused half-way": async () => {
    const stored = advisory();
    await both(({ advisories }) => advisories.put(stored, 0n));
    const batch = [
      ...Array.from({ length: 50 }, () => advisory()),
      advisory({ id: stored.id, advisoryKey: fresh("z") }),
    ];
    expect(await both(({ advisories }) => advisories.ingestBatch(batch))).toMatchObject({ error: "REVISION_CONFLICT" });
    expect(await both(({ advisories }) => advisories.count())).toEqual({ value: 1n });
  },
};

describe("hazards", () => {
  const here = Object.entries(hazards).flatMap(([name, where]) => (where === "here" ? [name] : []));
  it.each(here)("hazard %s: the same on both databases", async (name) => {
    await expect(cases[name]!()).resolves.toBeUndefined();
  });

  it("hazards.all: every line of the list has a case or a reason", () => {
    expect(Object.keys(cases).toSorted()).toEqual(here.toSorted());
    const elsewhere = Object.values(hazards).filter((where) => where !== "here");
    expect([here.length, elsewhere.length]).toEqual([29, 12]);
    for (const { reason } of elsewhere) expect(reason).toMatch(/\w{3}/);
  });

  it("hazard any payload: comes back byte for byte in canonical form, from both", async () => {
    const property = fc.asyncProperty(fc.array(jsonArbitrary(), { minLength: 20, maxLength: 20 }), async (payloads) => {
      const batch = payloads.map((raw) => advisory({ raw: raw as never, modifiedAt: day(1) }));
      const hashes = (found: readonly Advisory[]) =>
        new Map(found.map(({ id, raw }) => [id, canonicalJson(raw as Json)]));
      const clean = payloads.map((payload) => {
        const result = cleanJson(payload);
        return "value" in result ? canonicalJson(result.value) : result.fault.code;
      });
      for (const rig of [postgres, mongo]) {
        await rig.at("acme").advisories.ingestBatch(batch);
        const stored = hashes((await rig.at("acme").advisories.list({ limit: 1_000 })).items);
        expect(batch.map(({ id }) => stored.get(id))).toEqual(clean);
        await rig.reset();
      }
    });
    const options = { numRuns: 25, seed: Number(process.env.STELLA_SEED ?? 20_260_302) };
    await expect(fc.assert(property, options)).resolves.toBeUndefined();
  });
});
