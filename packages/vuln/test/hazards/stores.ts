import { outcomeOf } from "@stellaops/testkit";
import { openVuln } from "@stellaops/vuln";
import { expect } from "vitest";
import { advisory, fresh, kevFlag, noon, source } from "../samples.ts";
import { refusal, type On } from "./on.ts";

/** What indexes, orders, batches and limits of the stores meet. */
export const stores = ({ both, roundTrip, rigs }: On) => ({
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
    await rigs()
      .mongo.mongo.db.collection("sources")
      .insertOne({ ...source({ key: "odd" }), tenantId: "acme", revision: 1n, x: 1 });
    expect(await outcomeOf(() => rigs().mongo.at("acme").sources.findByKey("odd"))).toMatchObject({
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
    await rigs().mongo.mongo.db.collection("sources").dropIndex("uq_sources_key");
    const opening = outcomeOf(() => openVuln({ mongo: rigs().mongo.mongo, stage: "mongo" }));
    expect(await opening).toMatchObject({ error: "MONGO_SCHEMA_DIFFERS" });
    const key = { tenantId: 1, key: 1 } as const;
    await rigs().mongo.mongo.db.collection("sources").createIndex(key, { name: "uq_sources_key", unique: true });
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
    expect(rigs().mongo.mongo.client.options.writeConcern).toMatchObject({ w: "majority", j: true });
    const { rows } = await rigs().postgres.postgres.pool.query(
      "select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit",
    );
    expect(rows).toEqual([{ fsync: "on", commit: "on" }]);
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
});
