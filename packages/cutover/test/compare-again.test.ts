import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { vuln } from "../../vuln/src/module.ts";
import { advisories } from "../../vuln/src/aggregates.ts";
import { comparisonsOf, receiptOf, recheckFindings, recomputeReceipt, type Comparison } from "../src/compare/index.ts";
import { acme, fill, heal, rig, target, type Rig } from "./compare-rig.ts";

let on: Rig;
beforeAll(async () => {
  on = await rig();
  await fill(on);
});
afterEach(() => heal(on));
afterAll(() => on[Symbol.asyncDispose]());

const options = () => ({
  module: vuln,
  postgres: on.replicator,
  mongo: on.db,
  view: { primary: "mongo", epoch: 3n, generation: 1n } as const,
  settleMs: 0,
});
const retitle = (title: string) =>
  on.admin.query("update vuln.advisories set title = $2 where id = $1", [target.id, title]);
const statesOf = async (comparison: Comparison) =>
  (await recomputeReceipt(options(), comparison)).aggregates.find(({ aggregate }) => aggregate === "advisories");

it("findings are looked at again, and what is gone is told", async () => {
  await retitle("other");
  await on.db
    .collection("advisories")
    .updateOne({ advisoryKey: { $ne: target.advisoryKey }, tenantId: acme }, { $set: { colour: 1 } });
  const comparison = await on.compare({ pageSize: 1_000 });
  await retitle(target.title);
  const { findings, gone } = await recheckFindings(options(), comparison);
  await on.db.collection("advisories").updateMany({}, { $unset: { colour: 1 } });
  expect(findings.map((finding) => finding.class)).toEqual(["undeclared"]);
  expect(gone.map(({ class: kind, id }) => [kind, id])).toEqual([["differing", target.id]]);
  expect((await recheckFindings(options(), comparison)).findings).toEqual([]);
});

it("a difference makes a handful of rows travel", async () => {
  await retitle("other");
  const { aggregates } = await on.compare({ pageSize: 1_000 });
  const found = aggregates.find(({ aggregate }) => aggregate === "advisories");
  expect(found?.findings).toHaveLength(1);
  expect(found?.fetched).toBeLessThanOrEqual(12);
});

it("a document without a key, and a table with a column too many, are found again", async () => {
  await on.db.collection("kev_flags").insertOne({ tenantId: acme, id: 7 });
  await on.admin.query("alter table vuln.kev_flags add column colour text");
  try {
    const comparison = await on.compare();
    const { findings, gone } = await recheckFindings(options(), comparison);
    expect(gone).toEqual([]);
    expect(new Set(findings.map((finding) => finding.class))).toEqual(new Set(["undeclared", "unreadable"]));
  } finally {
    await on.admin.query("alter table vuln.kev_flags drop column colour");
    await on.db.collection("kev_flags").deleteMany({ id: 7 });
  }
});

it("a receipt's ranges hold until something is written, on one side or on both", async () => {
  const comparison = await on.compare({ pageSize: 50 });
  const ranges = comparison.aggregates.find(({ aggregate }) => aggregate === "advisories")?.ranges.length ?? 0;
  expect(ranges).toBeGreaterThan(5);
  expect(await recomputeReceipt(options(), comparison)).toMatchObject({ holds: true });
  await on.admin.query("update vuln.advisories set primary_id = 'other' where id = $1", [target.id]);
  expect(await statesOf(comparison)).toMatchObject({ ranges: { holds: ranges - 1, changed: 0, differs: 1 } });
  await on.db.collection("advisories").updateOne({ id: target.id }, { $set: { primaryId: "other" } });
  expect(await statesOf(comparison)).toMatchObject({ ranges: { holds: ranges - 1, changed: 1, differs: 0 } });
  const later = { ...options(), view: { ...options().view, epoch: 4n } };
  expect(await recomputeReceipt(later, comparison)).toMatchObject({ holds: false, epoch: { stated: "3", now: "4" } });
});

it("keeps the last comparisons", async () => {
  const comparisons = comparisonsOf(on.replicator, "vuln");
  expect(await comparisons.last()).toBeNull();
  const first = receiptOf(await on.compare({ only: [advisories.table] }));
  const second = receiptOf(await on.compare());
  for (const receipt of [first, second, second]) await comparisons.save(receipt);
  expect(await comparisons.last()).toEqual(second);
  await on.admin.query("update cutover.comparisons set receipt = replace(receipt, '\"lagging\":0', '\"lagging\":1')");
  await expect(comparisons.last()).rejects.toMatchObject({ code: "RECEIPT_ALTERED" });
  await on.admin.query("delete from cutover.comparisons");
});
