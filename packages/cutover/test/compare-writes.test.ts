import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { vuln } from "../../vuln/src/module.ts";
import { advisories } from "../../vuln/src/aggregates.ts";
import { findingsOf, type Comparison } from "../src/compare/index.ts";
import { mongoReplica } from "../src/mongo/replica.ts";
import { postgresReplica } from "../src/postgres/replica.ts";
import { copyKeys } from "../src/replication/copy.ts";
import { acme, fill, heal, rig, target, type Rig } from "./compare-rig.ts";

let on: Rig;
beforeAll(async () => {
  on = await rig();
  await fill(on);
});
beforeEach(() => heal(on));
afterAll(() => on[Symbol.asyncDispose]());

const advisoriesOf = ({ aggregates }: Comparison) => {
  const found = aggregates.find(({ aggregate }) => aggregate === "advisories");
  return { lagging: found?.lagging, found: found?.findings.map((finding) => finding.class) };
};
const parked = (refusal: string | null) =>
  on.db.collection("register").updateOne({ id: target.id }, { $set: { pending: true, refusal } });

describe("what is on its way is told apart from what is wrong", () => {
  it("a changed key with a pending mark lags, and without one is stale", async () => {
    await on.write("advisories", (repository) => repository.put({ ...target, title: "changed" }, 1n));
    expect(advisoriesOf(await on.compare())).toEqual({ lagging: 1, found: [] });
    await on.db.collection("register").updateOne({ id: target.id }, { $set: { pending: false } });
    expect(advisoriesOf(await on.compare())).toEqual({ lagging: 0, found: ["stale"] });
  });

  it("a parked key is no lag", async () => {
    await on.write("advisories", (repository) => repository.put({ ...target, title: "changed" }, 1n));
    await parked("UNIQUE_VIOLATION: …");
    expect(advisoriesOf(await on.compare())).toEqual({ lagging: 0, found: ["stale"] });
  });

  it("a deleted key lags while it is pending, and is extra after", async () => {
    await on.write("advisories", (repository) => repository.delete(target.id, 1n));
    expect(advisoriesOf(await on.compare())).toEqual({ lagging: 1, found: [] });
    await on.db.collection("register").updateOne({ id: target.id }, { $set: { pending: false } });
    expect(advisoriesOf(await on.compare())).toEqual({ lagging: 0, found: ["extra"] });
  });

  it("a value that the primary itself holds wrongly is no lag", async () => {
    await on.db.collection("advisories").updateOne({ id: target.id }, { $set: { colour: "red" } });
    await parked(null);
    expect(advisoriesOf(await on.compare())).toEqual({ lagging: 0, found: ["undeclared"] });
  });

  it("an older generation on the secondary is stale, also at the same revision", async () => {
    await on.db.collection("register").updateOne({ id: target.id }, { $set: { generation: 2n } });
    expect(advisoriesOf(await on.compare())).toEqual({ lagging: 0, found: [] });
    await on.db.collection("advisories").updateOne({ id: target.id }, { $set: { primaryId: "x" } });
    expect(advisoriesOf(await on.compare())).toEqual({ lagging: 0, found: ["stale"] });
  });

  it("a tombstone on both, or on the secondary alone, is no finding", async () => {
    await on.onBoth(acme, "advisories", (repository) => repository.delete(target.id, 1n));
    expect(advisoriesOf(await on.compare())).toEqual({ lagging: 0, found: [] });
    await on.db.collection("register").deleteOne({ id: target.id });
    expect(advisoriesOf(await on.compare())).toEqual({ lagging: 0, found: [] });
  });
});

it("gives no false alarm while writers and an applier work", async () => {
  const pair = [mongoReplica(on.client, vuln), postgresReplica(on.service, vuln)] as const;
  const stop = new AbortController();
  const writers = Promise.all([1, 2, 3].map((n) => write(n)));
  let written = 0;

  async function write(n: number): Promise<void> {
    let revision = 0n;
    const mine = { ...target, id: `01900000-0000-7000-8000-00000000010${n}`, advisoryKey: `WRITTEN-${n}` };
    while (!stop.signal.aborted) {
      await on.write("advisories", async (repository) => {
        if (revision > 0n && written % 5 === 0) {
          await repository.delete(mine.id, revision);
          revision = 0n;
        } else revision = await repository.put({ ...mine, title: `title ${written}` }, revision);
      });
      written += 1;
      await copyKeys(pair, { aggregate: advisories, tenant: acme, ids: [mine.id] }, 1n);
    }
  }

  try {
    for (let round = 0; round < 12; round += 1) {
      const comparison = await on.compare({ settleMs: 3_000, pageSize: 40 });
      expect(comparison.aggregates.flatMap(({ findings }) => findings)).toEqual([]);
    }
  } finally {
    stop.abort();
    await writers;
  }
  expect(written).toBeGreaterThan(20);
  expect(findingsOf(await on.compare())).toBe(0);
  expect((await on.compare()).equal).toBe(true);
});
