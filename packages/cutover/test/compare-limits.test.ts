import { codeOf, familyOf } from "@stellaops/kernel";
import { MongoClient, ObjectId } from "mongodb";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { CompareOptions } from "../src/compare/index.ts";
import { acme, fill, heal, rig, target, type Rig } from "./compare-rig.ts";

let on: Rig;
beforeAll(async () => {
  on = await rig();
  await fill(on);
});
afterEach(() => heal(on));
afterAll(() => on[Symbol.asyncDispose]());

const refusal = (options: Partial<CompareOptions>): Promise<string | undefined> =>
  on.compare(options).then(() => undefined, codeOf);

it("refuses a role that row-level security holds to one tenant", async () => {
  expect(await refusal({ postgres: on.service })).toBe("COMPARE_ROLE");
});

it("refuses an aggregate that is not there", async () => {
  expect(await refusal({ only: ["advisory"] })).toBe("AGGREGATE_UNKNOWN");
});

it("refuses a collection without its key index, and a table without a column", async () => {
  await on.db.collection("kev_flags").dropIndex("pk_kev_flags");
  expect(await refusal({ only: ["kev_flags"] })).toBe("COMPARE_INDEX_MISSING");
  await on.db.collection("kev_flags").createIndex({ tenantId: 1, id: 1 }, { name: "pk_kev_flags", unique: true });
  await on.admin.query("alter table vuln.kev_flags rename column notes to remarks");
  expect(await refusal({ only: ["kev_flags"] })).toBe("COMPARE_COLUMN_MISSING");
  await on.admin.query("alter table vuln.kev_flags rename column remarks to notes");
  expect(await refusal({ only: ["kev_flags"] })).toBeUndefined();
});

it("stops when it is told to", async () => {
  const stop = new AbortController();
  const pages: number[] = [];
  const run = on.compare({
    only: ["advisories"],
    pageSize: 10,
    signal: stop.signal,
    onProgress: ({ rows }) => {
      pages.push(rows.mongo);
      if (rows.mongo > 0) stop.abort(new Error("enough"));
    },
  });
  await expect(run).rejects.toThrow("enough");
  expect(pages.at(-1)).toBeLessThan(331);
});

it("keeps the first findings and counts the rest", async () => {
  await on.db.collection("advisories").updateMany({ tenantId: acme }, { $set: { colour: "red" } });
  const { aggregates } = await on.compare({ only: ["advisories"], findingsLimit: 5 });
  await on.db.collection("advisories").updateMany({ tenantId: acme }, { $unset: { colour: 1 } });
  expect(aggregates[0]?.findings.map(({ class: kind, tenant }) => [kind, tenant])).toEqual(
    Array.from({ length: 5 }, () => ["undeclared", acme]),
  );
  expect(aggregates[0]?.moreFindings).toBe(116);
});

it("names documents whose key is of no use, and goes on behind them", async () => {
  const strays = [
    { _id: new ObjectId() },
    { _id: new ObjectId(), tenantId: acme, id: 7 },
    { _id: new ObjectId(), tenantId: 5, id: "x" },
  ];
  await on.db.collection("kev_flags").insertMany(strays);
  const { aggregates } = await on.compare({ only: ["kev_flags"] });
  await on.db.collection("kev_flags").deleteMany({ _id: { $in: strays.map(({ _id }) => _id) } });
  const [kevFlags] = aggregates;
  expect(kevFlags?.rows).toEqual({ mongo: 5, postgres: 2 });
  const named = kevFlags?.findings.map(({ class: kind, tenant, id }) => `${kind} ${tenant} ${id}`);
  const expected = strays.map(({ _id, tenantId }) => `unreadable ${tenantId === acme ? acme : null} ${String(_id)}`);
  expect(new Set(named)).toEqual(new Set(expected));
  const numbered = kevFlags?.findings.find(({ tenant }) => tenant === acme);
  expect(numbered?.paths.find(({ path }) => path === "id")?.mongo).toMatch(/^Int32 /);
});

it("shows short values of the root, and digests of payloads, children and what is not declared", async () => {
  const hidden = "a secret that nobody may read";
  await on.db.collection("advisories").updateOne(
    { id: target.id },
    {
      $set: {
        title: "Other title",
        details: "x".repeat(5_000),
        "raw.note": hidden,
        colour: hidden,
        "references.0.url": hidden,
      },
    },
  );
  const comparison = await on.compare({ only: ["advisories"] });
  const [finding] = comparison.aggregates[0]?.findings ?? [];
  const shown = new Map(finding?.paths.map(({ path, mongo, postgres }) => [path, { mongo, postgres }]));
  expect(shown.get("title")).toEqual({ mongo: "Other title", postgres: target.title });
  const digest: unknown = expect.stringMatching(/^sha256:[0-9a-f]{12}$/);
  expect(shown.get("details")).toEqual({ mongo: digest, postgres: target.details });
  expect(shown.get("raw")).toEqual({ mongo: digest, postgres: digest });
  expect(shown.get("references.0.url")).toEqual({ mongo: digest, postgres: digest });
  expect(shown.get("colour")).toEqual({
    mongo: expect.stringMatching(/^String sha256:/) as unknown,
    postgres: "absent",
  });
  expect(JSON.stringify(comparison)).not.toContain(hidden);
});

it("names the stored type of a value and what a derived field should hold", async () => {
  await on.db
    .collection("advisories")
    .updateOne({ id: target.id }, { $set: { modifiedAt: "2026", searchWords: ["b", "a"] }, $unset: { title: 1 } });
  const [finding] = (await on.compare({ only: ["advisories"] })).aggregates[0]?.findings ?? [];
  expect(finding?.class).toBe("unreadable");
  expect(finding?.paths.map(({ path, mongo }) => [path, mongo])).toEqual([
    ["modifiedAt", "String 2026"],
    ["searchWords", ["b", "a"]],
    ["title", "absent"],
  ]);
  expect(finding?.revisions).toEqual({ mongo: "1", postgres: "1" });
  expect(finding?.generations).toEqual({ mongo: "1", postgres: "1" });
});

it("gives a typed error when a database goes away", async () => {
  const gone = new MongoClient("mongodb://127.0.0.1:1/vuln", { serverSelectionTimeoutMS: 50 });
  expect(await on.compare({ mongo: gone.db() }).then(() => undefined, familyOf)).toBe("unavailable");
  await gone.close();
});
