import { byBytes } from "@stellaops/kernel";
import { Decimal128, Double, Int32 } from "mongodb";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findingsOf, type Comparison, type Finding } from "../src/compare/index.ts";
import { acme, at, fill, heal, nextId, rig, target, type Rig } from "./compare-rig.ts";

let on: Rig;
beforeAll(async () => {
  on = await rig();
  await fill(on);
});
afterAll(() => on[Symbol.asyncDispose]());

/** Class, key and paths of each finding: what a fault must be named by. */
const named = ({ aggregates }: Comparison): readonly string[] =>
  aggregates.flatMap(({ findings }) => findings.map((finding) => lineOf(finding)));
const lineOf = ({ class: kind, tenant, id, paths }: Finding): string =>
  [kind, tenant, id === target.id ? "target" : id, ...paths.map(({ path }) => path)].join(" ");

describe("equal databases", () => {
  it("have no findings, equal counts and equal digests", async () => {
    const comparison = await on.compare();
    expect(named(comparison)).toEqual([]);
    expect(findingsOf(comparison)).toBe(0);
    expect(comparison.equal).toBe(true);
    for (const { rows, digest, ranges, fetched } of comparison.aggregates) {
      // Equal digests are the proof: no row was read by itself.
      expect(fetched).toBe(0);
      expect(ranges.at(-1)?.upTo).toBeNull();
      expect(rows.mongo).toBeGreaterThan(0);
      expect(rows.postgres).toBe(rows.mongo);
      expect(digest.postgres).toBe(digest.mongo);
    }
    expect(comparison.aggregates.map(({ aggregate, rows }) => [aggregate, rows.mongo])).toEqual([
      ["sources", 1],
      ["source_states", 1],
      ["feed_snapshots", 1],
      ["advisories", 331],
      ["kev_flags", 2],
      ["merge_events", 1],
    ]);
  });

  it("give the same comparison whatever the range, the primary and the workers", async () => {
    const all = await Promise.all([
      on.compare({ pageSize: 1_000 }),
      on.compare({ pageSize: 7, view: { primary: "postgres", epoch: 3n, generation: 1n } }),
      on.compare({ pageSize: 331 }),
      on.compare({ pageSize: 1, workers: 3 }),
    ]);
    const [first, ...rest] = all.map(({ aggregates }) =>
      aggregates.map((one) => ({ ...one, digest: null, ranges: null })),
    );
    for (const one of rest) expect(one).toEqual(first);
    for (const { aggregates } of all)
      for (const { digest, ranges, rows } of aggregates) {
        expect(digest.postgres).toBe(digest.mongo);
        for (const range of ranges) expect(range.digest.postgres).toBe(range.digest.mongo);
        expect(ranges.reduce((sum, range) => sum + range.rows.mongo, 0)).toBe(rows.mongo);
      }
  });

  it("are compared for one tenant", async () => {
    const { aggregates } = await on.compare({ tenant: acme, only: ["advisories"] });
    expect(aggregates.map(({ rows }) => rows)).toEqual([{ mongo: 121, postgres: 121 }]);
  });
});

/** Puts one fault on one advisory of acme's. */
type Plant = (on: Rig, id: string) => Promise<unknown>;

const sql =
  (text: string): Plant =>
  ({ admin }, id) =>
    admin.query(
      text.replaceAll("AT", "tenant_id = $1 and id = $2").replaceAll("OF", "tenant_id = $1 and advisory_id = $2"),
      [acme, id],
    );
const update =
  (change: object): Plant =>
  ({ db }, id) =>
    db.collection("advisories").updateOne({ tenantId: acme, id }, change);
const set = (field: string, value: unknown): Plant => update({ $set: { [field]: value } });
const registered =
  (values: object): Plant =>
  ({ db }, id) =>
    db.collection("register").updateOne({ id }, { $set: values });
const gone =
  (collection: string): Plant =>
  ({ db }, id) =>
    db.collection(collection).deleteOne({ id });
const all =
  (...plants: readonly Plant[]): Plant =>
  async (there, id) => {
    for (const plant of plants) await plant(there, id);
  };
const advisories = "update vuln.advisories set";
const swapped = [...target.affected].toReversed().map((row) => ({ ...row }));

const faults: Record<string, { plant: Plant; found: readonly string[]; undo?: (rig: Rig) => Promise<unknown> }> = {
  "a row missing on the secondary": {
    plant: all(sql("delete from vuln.advisories where AT"), sql("delete from cutover.register where AT")),
    found: ["missing acme target"],
  },
  "a row gone without a tombstone": {
    plant: sql("delete from vuln.advisories where AT"),
    found: ["missing acme target register.deleted"],
  },
  "a row extra on the secondary": {
    plant: all(gone("advisories"), gone("register")),
    found: ["extra acme target"],
  },
  "a row lost on both": {
    plant: all(sql("delete from vuln.advisories where AT"), gone("advisories")),
    found: ["missing acme target register.deleted"],
  },
  "a text with another letter": {
    plant: sql(`${advisories} details = 'A long text about It' where AT`),
    found: ["differing acme target details"],
  },
  "a text with a space at its end": {
    plant: set("primaryId", "CVE-2026-0001 "),
    found: ["differing acme target primaryId"],
  },
  "a null for an empty text": { plant: set("summary", ""), found: ["differing acme target summary"] },
  "a value for null": {
    plant: sql(`${advisories} withdrawn_at = '2026-01-01' where AT`),
    found: ["differing acme target withdrawnAt"],
  },
  "a null for a value": { plant: set("publishedAt", null), found: ["differing acme target publishedAt"] },
  "an absent field": { plant: update({ $unset: { summary: 1 } }), found: ["unreadable acme target summary"] },
  "an instant off by a millisecond": {
    plant: set("modifiedAt", new Date(at.getTime() + 1)),
    found: ["differing acme target modifiedAt"],
  },
  "an instant off by a microsecond": {
    plant: all(
      ({ admin }) => admin.query("alter table vuln.advisories alter column modified_at type timestamptz(6)"),
      sql(`${advisories} modified_at = modified_at + interval '1 microsecond' where AT`),
    ),
    found: ["differing acme target modifiedAt"],
    undo: ({ admin }) => admin.query("alter table vuln.advisories alter column modified_at type timestamptz(3)"),
  },
  "a decimal with another last digit": {
    plant: sql("update vuln.advisory_cvss set base_score = 7.4 where OF"),
    found: ["differing acme target cvss.0.baseScore"],
  },
  "a decimal with a digit more": {
    plant: set("cvss.0.baseScore", Decimal128.fromString("7.50000000000000000000000000000001")),
    found: ["differing acme target cvss.0.baseScore"],
  },
  "a decimal kept as a double": {
    plant: set("cvss.0.baseScore", new Double(7.5)),
    found: ["unreadable acme target cvss.0.baseScore"],
  },
  "children of a list in another order": {
    plant: set("affected", swapped),
    found: [
      "differing acme target affected.0.ecosystem affected.0.fixed affected.0.purl affected.0.ranges affected.0.versions affected.1.ecosystem affected.1.fixed affected.1.purl affected.1.ranges affected.1.versions",
    ],
  },
  "children of a set in another order": {
    plant: set("weaknesses", [{ cwe: "CWE-787" }, { cwe: "CWE-122" }]),
    found: ["differing acme target weaknesses.0.cwe weaknesses.1.cwe"],
  },
  "a list in a child in another order": {
    plant: sql("update vuln.advisory_affected set versions = '{a,b}' where OF and ordinal = 1"),
    found: ["differing acme target affected.1.versions"],
  },
  "a child missing": {
    plant: sql("delete from vuln.advisory_references where OF and ordinal = 0"),
    found: ["differing acme target references"],
  },
  "a child extra": {
    plant: sql("insert into vuln.advisory_weaknesses values ($1, $2, 'CWE-9')"),
    found: ["differing acme target weaknesses"],
  },
  "children with a gap in their numbers": {
    plant: sql("update vuln.advisory_references set ordinal = 5 where OF and ordinal = 1"),
    found: ["differing acme target references.1.ordinal"],
  },
  "another value in a payload": {
    plant: sql(`${advisories} raw = jsonb_set(raw, '{numbers,1}', '2.25') where AT`),
    found: ["differing acme target raw"],
  },
  "a text for a number in a payload": { plant: set("raw.numbers.0", "1"), found: ["differing acme target raw"] },
  "a number in a payload that no double holds": {
    plant: sql(`${advisories} raw = jsonb_set(raw, '{numbers,1}', '2.5000000000000000001') where AT`),
    found: ["unreadable acme target raw"],
  },
  "a date in a payload": { plant: set("provenance.format", at), found: ["unreadable acme target provenance"] },
  "a key more in a payload": { plant: set("provenance.extra", null), found: ["differing acme target provenance"] },
  "a text for a date": { plant: set("modifiedAt", at.toISOString()), found: ["unreadable acme target modifiedAt"] },
  "an Int32 for a Long": { plant: set("revision", new Int32(1)), found: ["unreadable acme target revision"] },
  "a field that is not declared": { plant: set("colour", "red"), found: ["undeclared acme target colour"] },
  "a field of a child that is not declared": {
    plant: set("cvss.0.colour", "red"),
    found: ["undeclared acme target cvss.0.colour"],
  },
  "a column that is not declared": {
    plant: ({ admin }) => admin.query("alter table vuln.advisory_cvss add column colour text"),
    found: ["undeclared   advisory_cvss.colour"],
    undo: ({ admin }) => admin.query("alter table vuln.advisory_cvss drop column colour"),
  },
  "a column of another type": {
    plant: ({ admin }) => admin.query("alter table vuln.advisory_cvss alter column base_score type double precision"),
    found: ["unreadable   advisory_cvss.base_score"],
    undo: ({ admin }) => admin.query("alter table vuln.advisory_cvss alter column base_score type numeric(3, 1)"),
  },
  "a row under another tenant": {
    plant: set("tenantId", "acme-2"),
    found: ["extra acme target register.deleted", "missing acme-2 target"],
  },
  "an id in capitals": {
    plant: (there, id) => set("id", id.toUpperCase())(there, id),
    found: [`missing acme ${target.id.toUpperCase()} id`, "extra acme target register.deleted"],
  },
  "a tombstone for a live row": {
    plant: registered({ deleted: true }),
    found: ["differing acme target register.deleted"],
  },
  "a derived field that does not follow": {
    plant: update({ $push: { searchWords: "zzz" } }),
    found: ["differing acme target searchWords"],
  },
  "a derived field wrong in both": {
    plant: all(
      update({ $push: { searchWords: "zzz" } }),
      sql(`${advisories} search_words = search_words || array['zzz'] where AT`),
    ),
    found: ["differing acme target searchWords"],
  },
  "an older revision on the secondary": {
    plant: all(set("revision", 2n), registered({ revision: 2n })),
    found: ["stale acme target revision"],
  },
  "a newer revision on the secondary": {
    plant: all(sql(`${advisories} revision = 2 where AT`), sql("update cutover.register set revision = 2 where AT")),
    found: ["ahead acme target revision"],
  },
  "a register behind its row": {
    plant: sql("update cutover.register set revision = 0 where AT"),
    found: ["differing acme target register.revision"],
  },
};

describe("a planted fault is found, named, and nothing else is", () => {
  afterEach(() => heal(on));

  it.each(Object.entries(faults))("%s", async (_, { plant, found, undo }) => {
    await plant(on, target.id);
    try {
      const comparison = await on.compare();
      expect(named(comparison)).toEqual(found);
      expect(comparison.equal).toBe(false);
      expect(findingsOf(comparison)).toBe(found.length);
    } finally {
      await undo?.(on);
    }
  });

  it("many of them at once", async () => {
    const planted = Object.values(faults)
      .filter(({ found, undo }) => found.length === 1 && undo === undefined)
      .flatMap(({ plant, found }) => [1, 2, 3].map(() => ({ plant, found: String(found[0]), id: nextId() })));
    const copies = planted.map(({ id }, n) => ({ ...target, id, advisoryKey: `COPY-${n}` }));
    await on.onBoth(acme, "advisories", (repository) => repository.ingestBatch(copies));
    for (const { plant, id } of planted) await plant(on, id);
    const comparison = await on.compare();
    await on.admin.query("delete from vuln.advisories where advisory_key like 'COPY-%'");
    await on.db.collection("advisories").deleteMany({ advisoryKey: /^COPY-/ });
    const ids = planted.map(({ id }) => id);
    await on.admin.query("delete from cutover.register where id = any($1)", [ids]);
    await on.db.collection("register").deleteMany({ id: { $in: ids } });
    const expected = planted.map(({ found, id }) => found.replace("target", id));
    expect(named(comparison).toSorted(byBytes)).toEqual(expected.toSorted(byBytes));
  });
});
