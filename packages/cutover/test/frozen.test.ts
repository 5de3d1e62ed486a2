import { openModule } from "@stellaops/cutover/open";
import type { Document } from "mongodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { paperHash, papers, type Paper } from "../../testkit/test/press/aggregates.ts";
import type { PressRepositories } from "../../testkit/test/press/repositories.ts";
import { minute, paper } from "../../testkit/test/press/samples.ts";
import { press } from "../../testkit/test/press/wiring.ts";
import { awaitCapture, findingsOf, repairModule, type KeyState } from "../src/index.ts";
import { copyKeys } from "../src/replication/copy.ts";
import { acme, replicationRigOf, type ReplicationRig } from "./replication-rig.ts";

let rig: ReplicationRig<PressRepositories>;
beforeAll(async () => void (rig = await replicationRigOf(press)));
afterAll(() => rig[Symbol.asyncDispose]());

/** A program that knows nothing of this library. */
const script = () => rig.mongo.client.db(rig.mongo.db.databaseName).collection<Document>("papers");
const write = (one: Paper, expected: bigint) => rig.write("mongo", ({ papers: on }) => on.put(one, expected));
const copy = (id: string, generation = 1n) =>
  copyKeys([rig.replicas.mongo, rig.replicas.postgres], { aggregate: papers, tenant: acme, ids: [id] }, generation);
const at = async (database: "mongo" | "postgres", id: string): Promise<KeyState> => {
  const [state] = await rig.replicas[database].read(papers, acme, [id]);
  return state ?? expect.fail("it is not there");
};
const place = async (id: string): Promise<unknown> =>
  (await rig.copier.pool.query("select ctid, xmin from press.papers where id = $1", [id])).rows[0];

/** A version on both sides, published at revision 2. */
async function published(): Promise<Paper> {
  const one = paper();
  await write(one, 0n);
  await copy(one.id);
  const final = { ...one, status: "published" as const, lines: [{ name: "last", body: "word" }], updatedAt: minute(1) };
  await write(final, 1n);
  expect(await copy(one.id)).toEqual({ applied: 1, parked: [] });
  expect(await at("postgres", one.id)).toEqual(await at("mongo", one.id));
  return final;
}

/** As a capture enters what somebody else wrote. */
async function tampered(id: string): Promise<void> {
  await script().updateOne({ id }, { $set: { "lines.0.body": "changed" }, $inc: { revision: 1 } });
  await rig.mongo.db.collection("register").updateOne({ id }, { $inc: { revision: 1n }, $set: { pending: true } });
}

describe("a frozen row is applied", () => {
  it("as a draft, then as it is published, by the role of a service", async () => {
    const { id } = await published();
    expect(await at("postgres", id)).toMatchObject({ revision: 2n, value: { status: "published", lines: [{}] } });
    const later = paper({ status: "published" });
    await write(later, 0n);
    expect(await copy(later.id)).toEqual({ applied: 1, parked: [] });
  });

  it("by a later generation without being touched", async () => {
    const { id } = await published();
    const before = await place(id);
    const state = { ...(await at("mongo", id)), generation: 3n };
    await rig.replicas.postgres.apply(papers, acme, [state], 3n);
    expect(await place(id)).toEqual(before);
    expect(await at("postgres", id)).toMatchObject({ generation: 3n, revision: 2n, fault: null });
  });

  it.each(["service", "copier"] as const)(
    "not as something else: it is parked with its reason, and PostgreSQL keeps what it has (%s)",
    async (role) => {
      const { id } = await published();
      const before = await at("postgres", id);
      await tampered(id);
      const target = role === "service" ? rig.replicas.postgres : rig.copies.postgres;
      const keys = { aggregate: papers, tenant: acme, ids: [id] };
      expect(await copyKeys([rig.replicas.mongo, target], keys, 1n)).toEqual({ applied: 0, parked: [id] });
      expect(await at("postgres", id)).toEqual(before);
      const entry = await rig.mongo.db.collection("register").findOne({ id });
      expect(entry).toMatchObject({ pending: true, refusal: expect.stringMatching(/^IMMUTABLE: /) });
    },
  );

  it("nor does its tombstone take it away, nor one that is refused the others of its batch", async () => {
    const [{ id }, draft] = [await published(), paper()];
    await write(draft, 0n);
    await rig.mongo.db.collection("papers").deleteOne({ id });
    const gone = { $inc: { revision: 1n }, $set: { pending: true, deleted: true } };
    await rig.mongo.db.collection("register").updateOne({ id }, gone);
    const keys = { aggregate: papers, tenant: acme, ids: [id, draft.id] };
    const copied = await copyKeys([rig.replicas.mongo, rig.replicas.postgres], keys, 1n);
    expect(copied).toEqual({ applied: 1, parked: [id] });
    expect(await at("postgres", id)).toMatchObject({ deleted: false, revision: 2n });
  });

  it("by a backfill, which is an operator's, as it is", async () => {
    const { id } = await published();
    await tampered(id);
    const state = await at("mongo", id);
    await rig.copies.postgres.fill(papers, acme, [state], 1n);
    expect(await at("postgres", id)).toEqual(state);
  });
});

describe("what was changed past the library", () => {
  beforeEach(async () => {
    for (const name of ["papers", "register"]) await rig.mongo.db.collection(name).deleteMany({});
    await rig.copier.pool.query("delete from press.papers");
    await rig.copier.pool.query("delete from cutover.register");
  });

  it("is found by a comparison: the content, and that its hash is not of it", async () => {
    const one = await published();
    await rig.goTo("dual-write");
    await rig.backfill();
    expect(findingsOf(await rig.compare())).toBe(0);
    await script().updateOne({ id: one.id }, { $set: { "lines.0.body": "changed" } });
    const found = async () => (await rig.compare()).aggregates.flatMap(({ findings }) => findings);
    const hash = { path: "contentHash", expected: paperHash({ ...one, lines: [{ name: "last", body: "changed" }] }) };
    const [finding, ...others] = await found();
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ aggregate: "papers", id: one.id, class: "differing" });
    expect(finding?.paths.map(({ path }) => path)).toEqual(["contentHash", "lines.0.body"]);
    expect(finding?.paths[0]).toMatchObject(hash);
    // Changed alike on both sides, as nobody but an operator can, only the hash tells.
    await rig.copier.pool.query("update press.paper_lines set body = 'changed' where paper_id = $1", [one.id]);
    expect(await found()).toMatchObject([{ id: one.id, paths: [hash] }]);
  });

  it("is captured, refused by PostgreSQL, and shown as parked", async () => {
    await rig.goTo("dual-write");
    await rig.backfill();
    const module = await openModule(press, { postgres: rig.service, mongo: rig.mongo, stage: "record" });
    const one = paper();
    const on = module.tenant("acme").papers;
    await on.put(one, 0n);
    await on.put({ ...one, status: "published" }, 1n);
    await rig.drain();
    await script().updateOne({ id: one.id }, { $set: { "lines.0.body": "changed" } });
    expect(await awaitCapture(rig.mongo.db, { patienceMs: 30_000 })).toBe(true);
    await rig.drain();
    expect(await at("postgres", one.id)).toMatchObject({ revision: 2n, value: { lines: [{ body: "words" }] } });
    expect(await at("mongo", one.id)).toMatchObject({ revision: 3n, value: { lines: [{ body: "changed" }] } });
    expect(await rig.copies.mongo.parked(10)).toMatchObject([
      { id: one.id, reason: expect.stringMatching(/^IMMUTABLE/) },
    ]);
    const comparison = await rig.compare();
    expect(findingsOf(comparison)).toBe(1);
    await module.close();
    // Nor does a repair overwrite it.
    const parts = { module: press, postgres: rig.copier.pool, mongo: rig.mongo.db, replicas: rig.copies, comparison };
    const repaired = await repairModule({ ...parts, view: await rig.view(), settleMs: 0 });
    expect(repaired).toMatchObject({ applied: [], left: [{ why: "refused" }], parked: [{ id: one.id }] });
    expect(await at("postgres", one.id)).toMatchObject({ revision: 2n });
  });
});
