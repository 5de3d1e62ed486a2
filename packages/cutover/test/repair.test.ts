import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { isWhole, repairModule, type Faults, type RepairOptions } from "../src/index.ts";
import { acme, advisoryOf, replicationRig, vuln, type ReplicationRig } from "./replication-rig.ts";

let on: ReplicationRig;
beforeAll(async () => {
  on = await replicationRig();
  await on.goTo("dual-write");
});
afterAll(() => on[Symbol.asyncDispose]());
beforeEach(async () => {
  await on.mongo.db.collection("advisories").deleteMany({});
  await on.mongo.db.collection("register").deleteMany({});
  await on.copier.pool.query("delete from vuln.advisories");
  await on.copier.pool.query("delete from cutover.register");
});

const register = () => on.mongo.db.collection<{ _id: string; id: string }>("register");
const documents = () => on.mongo.db.collection<{ _id: string; id: string }>("advisories");
const sql = (text: string, id: string) => on.copier.pool.query(text, [id]);
const titleOf = async (id: string): Promise<unknown> =>
  (await sql("select title from vuln.advisories where id = $1", id)).rows[0]?.title as unknown;

/** An advisory on both databases, replicated. */
async function replicated(): Promise<string> {
  const advisory = advisoryOf();
  const { generation } = await on.view();
  await on.write("mongo", ({ advisories }) => advisories.put(advisory, 0n), { generation });
  await on.drain();
  return advisory.id;
}

async function repair(more: Partial<RepairOptions> = {}) {
  const options = { module: vuln, postgres: on.copier.pool, mongo: on.mongo.db, view: await on.view(), settleMs: 0 };
  const comparison = await on.compare();
  return repairModule({ ...options, replicas: on.copies, comparison, ...more });
}

const left = ({ left: all }: Awaited<ReturnType<typeof repair>>) => all.map(({ why, finding }) => [why, finding.id]);

it("applies what is pending, what is missing, what is stale, and what was deleted", async () => {
  const [missing, stale, extra] = [await replicated(), await replicated(), await replicated()];
  const pending = advisoryOf();
  const { generation } = await on.view();
  await on.write("mongo", ({ advisories }) => advisories.put(pending, 0n), { generation });
  await sql("delete from vuln.advisories where id = $1", missing);
  await sql("delete from cutover.register where id = $1", missing);
  await on.write(
    "mongo",
    async ({ advisories }) => {
      await advisories.put({ ...advisoryOf(), id: stale, title: "newer" }, 1n);
      await advisories.delete(extra, 1n);
    },
    { generation, pending: false },
  );
  const planned = await repair({ dryRun: true });
  expect(planned).toMatchObject({ drained: 1, left: [] });
  expect(new Set(planned.applied.map(({ id }) => id))).toEqual(new Set([missing, stale, extra]));
  expect(await titleOf(missing)).toBeUndefined();

  const done = await repair();
  expect(done).toMatchObject({ drained: 1, left: [], parked: [], lagging: 0 });
  expect(done.applied).toHaveLength(3);
  expect(isWhole(done)).toBe(true);
  expect(await titleOf(stale)).toBe("newer");
  expect(await titleOf(extra)).toBeUndefined();
  expect(await on.compare()).toMatchObject({ equal: true });
});

it("applies a row that is older than the register", async () => {
  const id = await replicated();
  await register().deleteOne({ id });
  await sql("delete from vuln.advisories where id = $1", id);
  await sql("delete from cutover.register where id = $1", id);
  const done = await repair();
  expect(done.applied.map((finding) => finding.class)).toEqual(["missing"]);
  expect(await on.compare()).toMatchObject({ equal: true });
});

it("leaves alone what no register proves to be older, and says why", async () => {
  const [differing, ahead, extra, undeclared, unreadable, damaged, lost] = [
    await replicated(),
    await replicated(),
    await replicated(),
    await replicated(),
    await replicated(),
    await replicated(),
    await replicated(),
  ];
  await sql("update vuln.advisories set title = 'changed' where id = $1", differing);
  await sql("update vuln.advisories set revision = 9 where id = $1", ahead);
  await sql("update cutover.register set revision = 9 where id = $1", ahead);
  await documents().deleteOne({ id: extra });
  await register().deleteOne({ id: extra });
  await documents().updateOne({ id: undeclared }, { $set: { colour: "red" } });
  await documents().updateOne({ id: unreadable }, { $set: { title: 7 } });
  await sql("delete from vuln.advisories where id = $1", damaged);
  await documents().deleteOne({ id: lost });
  await sql("delete from vuln.advisories where id = $1", lost);
  const before = await on.copier.pool.query("select * from vuln.advisories order by id");
  const done = await repair();
  expect(new Set(left(done))).toEqual(
    new Set([
      ["differing", differing],
      ["ahead", ahead],
      ["extra", extra],
      ["undeclared", undeclared],
      ["unreadable", unreadable],
      ["damaged", damaged],
      ["lost", lost],
    ]),
  );
  expect(done.applied).toEqual([]);
  expect(isWhole(done)).toBe(false);
  expect((await on.copier.pool.query("select * from vuln.advisories order by id")).rows).toEqual(before.rows);
});

it("lists what the secondary refuses, with the reason", async () => {
  const id = await replicated();
  const { generation } = await on.view();
  // Another key holds the unique value on the secondary alone.
  await sql("update vuln.advisories set advisory_key = 'TAKEN' where id = $1", id);
  await on.write("mongo", ({ advisories }) => advisories.put(advisoryOf({ advisoryKey: "TAKEN" }), 0n), { generation });
  const done = await repair();
  expect(done.parked.map(({ aggregate, tenant, reason }) => [aggregate, tenant, reason.split(":")[0]])).toEqual([
    ["advisories", acme, "UNIQUE_VIOLATION"],
  ]);
  expect(isWhole(done)).toBe(false);
});

it("never overwrites what became newer at the secondary between the look and the apply", async () => {
  const id = await replicated();
  const { generation } = await on.view();
  await on.write("mongo", ({ advisories }) => advisories.put({ ...advisoryOf(), id, title: "newer" }, 1n), {
    generation,
    pending: false,
  });
  const comparison = await on.compare();
  await sql("update vuln.advisories set title = 'newest', revision = 3 where id = $1", id);
  await sql("update cutover.register set revision = 3 where id = $1", id);
  const done = await repair({ comparison });
  expect(left(done)).toEqual([["ahead", id]]);
  expect(await titleOf(id)).toBe("newest");
});

it("may be killed after any key, and be run again", async () => {
  const ids = [await replicated(), await replicated(), await replicated()];
  for (const id of ids) {
    await sql("delete from vuln.advisories where id = $1", id);
    await sql("delete from cutover.register where id = $1", id);
  }
  let reached = 0;
  const faults: Faults = {
    at(point) {
      if (point === "repair-applied" && (reached += 1) === 2) throw new Error("killed");
    },
  };
  await expect(repair({ faults })).rejects.toThrow("killed");
  expect((await repair()).applied).toHaveLength(1);
  expect(await on.compare()).toMatchObject({ equal: true });
});

it("refuses where nothing replicates", async () => {
  const view = { ...(await on.view()), secondary: null };
  await expect(repair({ view })).rejects.toMatchObject({ code: "REPAIR_NOT_REPLICATING" });
});
