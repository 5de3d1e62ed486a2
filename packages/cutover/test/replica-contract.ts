import { codeOf, GLOBAL, tenantId } from "@stellaops/kernel";
import { inTurn } from "@stellaops/testkit";
import { aSource } from "@stellaops/testkit/source";
import { describe, expect, it } from "vitest";
import { advisories, mergeEvents, sources } from "../../vuln/src/aggregates.ts";
import { copyKeys } from "../src/replication/copy.ts";
import type { KeyState, Position, Scanned } from "../src/replication/replica.ts";
import { otherDatabase, type Database } from "../src/index.ts";
import { acme, advisoriesOf, advisoryOf, mergeEventOf, nextId, type ReplicationRig } from "./replication-rig.ts";

/** What replication rests on, of one database as the source and the other as the target. */
export function replicaContract(rig: () => ReplicationRig, from: Database): void {
  const to = otherDatabase(from);
  const source = () => rig().replicas[from];
  const target = () => rig().replicas[to];
  const read = async (database: Database, ...ids: readonly string[]) =>
    rig().replicas[database].read(advisories, acme, ids);
  const only = async (database: Database, id: string): Promise<KeyState> => {
    const [state, ...more] = await read(database, id);
    if (state === undefined || more.length > 0) throw new Error(`${id} is not there once`);
    return state;
  };
  const apply = (...states: readonly KeyState[]) => target().apply(advisories, acme, states, 1n);
  const copy = (...ids: readonly string[]) =>
    copyKeys([source(), target()], { aggregate: advisories, tenant: acme, ids }, 1n);
  const pendingIds = async () => (await source().pending(10_000, { aggregate: advisories, tenant: acme })).map(idOf);
  const valueAt = async (database: Database, id: string) => (await only(database, id)).value;

  /** States of one key as the source had them, one a revision: created, changed, deleted, created again. */
  async function history(): Promise<readonly [KeyState, KeyState, KeyState, KeyState]> {
    const one = advisoryOf();
    await rig().write(from, (on) => on.advisories.put({ ...one, title: "1" }, 0n));
    const first = await only(from, one.id);
    await rig().write(from, (on) => on.advisories.put({ ...one, title: "2", references: [] }, 1n));
    const second = await only(from, one.id);
    await rig().write(from, (on) => on.advisories.delete(one.id, 2n));
    const third = await only(from, one.id);
    await rig().write(from, (on) => on.advisories.put({ ...one, title: "4" }, 0n));
    return [first, second, third, await only(from, one.id)];
  }

  describe("apply", () => {
    it("leaves the state of the highest revision, in whatever order states arrive, and whichever arrive twice", async () => {
      const orders = [
        [0, 1, 2, 3],
        [3, 2, 1, 0],
        [1, 0, 3, 3, 2, 1],
        [2, 1, 0, 3, 0],
      ] as const;
      for (const order of orders) {
        const states = await history();
        for (const i of order) await apply(states[i]);
        expect(await only(to, states[0].id)).toEqual(states[3]);
      }
    });

    it("does not bring back what was deleted, also when delete and late upsert arrive at once", async () => {
      for (let round = 0; round < 15; round += 1) {
        const [first, second, third] = await history();
        const arriving = [third, second, first, second, third].map((state) => apply(state).catch(transientOnly));
        await Promise.all(arriving);
        await apply(third);
        expect(await only(to, first.id)).toEqual(third);
      }
    });

    it("a newer generation wins over a higher revision, and an equal state changes nothing", async () => {
      const [first, , , fourth] = await history();
      await apply(fourth);
      const newer = { ...first, generation: 2n };
      await target().apply(advisories, acme, [newer], 2n);
      await apply(fourth);
      expect(await only(to, first.id)).toEqual(newer);
      const other = { ...newer, value: { ...newer.value, title: "not this" } };
      await target().apply(advisories, acme, [other], 2n);
      expect(await only(to, first.id)).toEqual(newer);
    });

    it("carries the children with their aggregate, more of them and fewer", async () => {
      const full = advisoriesOf(40, 7).toSorted((a, b) => b.references.length - a.references.length)[0];
      if (full === undefined) throw new Error("no advisory");
      const bare = { ...full, aliases: [], references: [], affected: [], credits: [], weaknesses: [], cvss: [] };
      for (const [revision, one] of [full, bare, full].entries()) {
        await rig().write(from, (on) => on.advisories.put(one, BigInt(revision)));
        await copy(full.id);
        expect(await only(to, full.id)).toEqual(await only(from, full.id));
      }
      expect(full.references.length).toBeGreaterThan(1);
    });

    it("an append-only record travels once, with the role of a service", async () => {
      const event = mergeEventOf(nextId());
      await rig().write(from, (on) => on.mergeEvents.append([event]));
      const keys = { aggregate: mergeEvents, tenant: acme, ids: [event.id] };
      for (let round = 0; round < 2; round += 1)
        expect(await copyKeys([source(), target()], keys, 1n)).toEqual({ applied: 1, parked: [] });
      const [state] = await source().read(mergeEvents, acme, [event.id]);
      // A later replication finds the record there already.
      if (state !== undefined) await target().apply(mergeEvents, acme, [{ ...state, generation: 2n }], 2n);
      const [found] = await target().read(mergeEvents, acme, [event.id]);
      expect(found).toMatchObject({ generation: 2n, value: event });
    });
  });

  for (const way of ["apply", "fill"] as const)
    it(`${way} is refused under a generation that was closed, and takes nothing then`, async () => {
      const { sides, copies } = rig();
      const one = advisoryOf();
      await rig().write(from, (on) => on.advisories.put(one, 0n));
      const state = await only(from, one.id);
      // Generation 0 is used nowhere else.
      await sides[to].fence.closeApplies(1n, [0n], 10_000);
      await expect(copies[to][way](advisories, acme, [state], 0n)).rejects.toMatchObject({
        code: "APPLY_FENCED",
        family: "refused",
      });
      expect(await read(to, one.id)).toEqual([]);
    });

  describe("read", () => {
    it("gives aggregates of one moment, each with its own children and revision", async () => {
      const [left, right] = [advisoryOf(), advisoryOf()];
      const of = (turn: number) => ({
        title: String(turn),
        references: Array.from({ length: turn % 7 }, (_, i) => ({ kind: "WEB", url: `https://example.com/${i}` })),
      });
      const put = (turn: number) =>
        rig().write(from, async (on) => {
          for (const one of [left, right]) await on.advisories.put({ ...one, ...of(turn) }, BigInt(turn));
        });
      await put(0);
      const written = new AbortController();
      const writer = (async () => {
        for (let turn = 1; turn <= 60; turn += 1) await put(turn);
        written.abort();
      })();
      const seen = new Set<bigint>();
      while (!written.signal.aborted) {
        const states = await read(from, left.id, right.id);
        expect(states.map(({ fault }) => fault)).toEqual([null, null]);
        const [first, second] = states;
        expect(first?.revision).toBe(second?.revision);
        for (const { revision, value } of states) {
          expect(value).toMatchObject(of(Number(revision) - 1));
          seen.add(revision);
        }
      }
      await writer;
      expect(seen.size).toBeGreaterThan(3);
    });

    it("a row that contradicts its register entry is a fault, and is parked, not copied", async () => {
      const one = advisoryOf();
      await rig().write(from, (on) => on.advisories.put(one, 0n));
      await copy(one.id);
      await rig().write(from, (on) => on.advisories.put({ ...one, title: "changed" }, 1n));
      // Somebody deletes it past the register.
      const { copier, mongo } = rig();
      if (from === "mongo") await mongo.db.collection("advisories").deleteOne({ id: one.id });
      else await copier.pool.query("delete from vuln.advisories where id = $1", [one.id]);
      expect(await copy(one.id)).toEqual({ applied: 0, parked: [one.id] });
      expect(await only(from, one.id)).toMatchObject({ value: null, fault: { code: "REGISTER_CONTRADICTED" } });
      expect(await valueAt(to, one.id)).toMatchObject({ title: one.title });
      expect((await source().backlog()).parked).toBe(1);
      await source().clear(advisories, acme, [await only(from, one.id)]);
      expect((await source().backlog()).parked).toBe(0);
    });
  });

  describe("marks", () => {
    it("are cleared only for exactly the state that was applied", async () => {
      const one = advisoryOf();
      await rig().write(from, (on) => on.advisories.put(one, 0n));
      const first = await only(from, one.id);
      await rig().write(from, (on) => on.advisories.put({ ...one, title: "later" }, 1n));
      await source().clear(advisories, acme, [first]);
      await source().clear(advisories, acme, [{ ...first, revision: 3n }]);
      await source().clear(advisories, acme, [{ ...first, revision: 2n, generation: 2n }]);
      expect(await pendingIds()).toContain(one.id);
      await source().clear(advisories, acme, [await only(from, one.id)]);
      expect(await pendingIds()).not.toContain(one.id);
    });

    it("an apply leaves none at the target", async () => {
      const one = advisoryOf();
      await rig().write(from, (on) => on.advisories.put(one, 0n));
      const before = await target().backlog();
      await copy(one.id);
      expect(await target().backlog()).toEqual(before);
    });

    it("a parked key is set aside until it changes or is unparked", async () => {
      const one = advisoryOf();
      await rig().write(from, (on) => on.advisories.put(one, 0n));
      const first = await only(from, one.id);
      await source().park(advisories, acme, first, "no");
      expect(await pendingIds()).not.toContain(one.id);
      expect((await source().backlog()).parked).toBe(1);
      expect(await source().unpark()).toBe(1);
      expect(await pendingIds()).toContain(one.id);
      await source().park(advisories, acme, first, "no");
      await rig().write(from, (on) => on.advisories.put({ ...one, title: "later" }, 1n));
      await source().park(advisories, acme, first, "out of date");
      expect((await source().backlog()).parked).toBe(0);
      expect(await pendingIds()).toContain(one.id);
      await copy(one.id);
    });

    it("pending keys of all tenants are found, as many as asked for", async () => {
      const mine = ["aa", "a-b", "zz"].map((name) => ({ tenant: tenantId(name), one: advisoryOf() }));
      for (const { tenant, one } of mine) await rig().write(from, (on) => on.advisories.put(one, 0n), { tenant });
      const found = await source().pending(10_000);
      for (const { tenant, one } of mine)
        expect(found).toContainEqual({ aggregate: "advisories", tenant, id: one.id, revision: 1n });
      expect(await source().pending(2)).toHaveLength(2);
      for (const { tenant, one } of mine)
        await copyKeys([source(), target()], { aggregate: advisories, tenant, ids: [one.id] }, 1n);
      expect(await source().pending(10_000)).toHaveLength(found.length - 3);
    });
  });

  describe("unique values that move between keys", () => {
    /** A: x, B: y on both; then A: y, B: x at the source. */
    async function swapped() {
      const [a, b] = [advisoryOf(), advisoryOf()];
      const [x, y] = [a.advisoryKey, b.advisoryKey];
      await rig().write(from, (on) => on.advisories.put(a, 0n));
      await rig().write(from, (on) => on.advisories.put(b, 0n));
      await copy(a.id, b.id);
      await rig().write(from, (on) => on.advisories.put({ ...b, advisoryKey: `${y}-z` }, 1n));
      await rig().write(from, (on) => on.advisories.put({ ...a, advisoryKey: y }, 1n));
      await rig().write(from, (on) => on.advisories.put({ ...b, advisoryKey: x }, 2n));
      return [a.id, b.id] as const;
    }
    const expectBoth = async (ids: readonly string[]) => {
      expect(await read(to, ...ids).then(sorted)).toEqual(await read(from, ...ids).then(sorted));
      expect((await source().backlog()).parked).toBe(0);
      const pending = await pendingIds();
      for (const id of ids) expect(pending).not.toContain(id);
    };

    it("arrive together", async () => {
      const ids = await swapped();
      expect(await copy(...ids)).toEqual({ applied: 2, parked: [] });
      await expectBoth(ids);
    });

    it("arrive one by one: what the first is refused for comes with it", async () => {
      const [a, b] = await swapped();
      expect(await copy(a)).toMatchObject({ parked: [] });
      expect(await copy(b)).toMatchObject({ parked: [] });
      await expectBoth([a, b]);
    });

    it("a value held by a key that is not pending is parked with its reason, and comes when the key is gone", async () => {
      const [held, wants] = [advisoryOf(), advisoryOf()];
      await rig().write(from, (on) => on.advisories.put(held, 0n));
      await copy(held.id);
      await rig().write(from, (on) => on.advisories.delete(held.id, 1n));
      const gone = await only(from, held.id);
      await source().clear(advisories, acme, [gone]);
      await rig().write(from, (on) => on.advisories.put({ ...wants, advisoryKey: held.advisoryKey }, 0n));
      expect(await copy(wants.id)).toEqual({ applied: 0, parked: [wants.id] });
      expect((await source().backlog()).parked).toBe(1);
      expect(await reasonAt(rig(), from, wants.id)).toMatch(/^UNIQUE_VIOLATION: .*uq_advisories_advisory_key/);
      await apply(gone);
      await source().unpark();
      expect(await copy(wants.id)).toEqual({ applied: 1, parked: [] });
    });
  });

  describe("scan", () => {
    it("walks all tenants in one order, each key once, whatever the page", async () => {
      const { copies } = rig();
      const tenants = [tenantId("scan.b"), tenantId("scan-a"), tenantId("scan_c"), tenantId("scan"), GLOBAL];
      for (const tenant of tenants) {
        for (const id of [nextId(), nextId().replace("0190", "f190"), nextId().replace("0190", "a190")])
          await rig().write(from, (on) => on.sources.put(aSource(id), 0n), { tenant, generation: 3n });
      }
      const walk = async (limit: number): Promise<readonly Scanned[]> => {
        const all: Scanned[] = [];
        for (let after: Position | null = null; ;) {
          const page: readonly Scanned[] = await copies[from].scan(sources, after, limit);
          all.push(...page);
          const last = page.at(-1);
          if (last === undefined) return all;
          after = { tenant: last.tenant, id: last.state.id };
        }
      };
      const [whole, ...others] = await inTurn([1_000, 1, 2, 7], walk);
      for (const other of others) expect(other).toEqual(whole);
      const order = (whole ?? []).map(({ tenant, state }) => `${tenant} ${state.id}`);
      expect(order).toEqual([...order].toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
      expect(new Set((whole ?? []).map(({ tenant }) => tenant))).toEqual(new Set(tenants));
      expect(whole?.every(({ state }) => state.generation === 3n && state.fault === null)).toBe(true);
    });
  });

  describe("sweep", () => {
    it("deletes what no apply of its generation has touched, and nothing that is being applied", async () => {
      const { sides, copies } = rig();
      const many = advisoriesOf(300, 11).map((one, i) => ({ ...one, advisoryKey: `SWEEP-${from}-${i}` }));
      await rig().write(from, (on) => on.advisories.ingestBatch(many));
      await copy(...many.map(idOf));
      const states = await read(from, ...many.map(idOf));
      const kept = states.filter((_, i) => i % 2 === 0).map((state) => ({ ...state, generation: 5n }));
      await sides[to].fence.closeApplies(5n, [0n, 1n, 2n, 3n], 10_000);
      const applying = (async () => {
        for (const state of kept) await repeated(() => copies[to].apply(advisories, acme, [state], 5n));
      })();
      await copies[to].sweep(advisories, 5n);
      await applying;
      await copies[to].sweep(advisories, 5n);
      expect(await read(to, ...many.map(idOf)).then(sorted)).toEqual(sorted(kept));
      expect((await copies[to].scan(advisories, null, 10_000)).map(({ state }) => state.id).toSorted()).toEqual(
        kept.map(idOf).toSorted(),
      );
      await expect(apply(...states)).rejects.toMatchObject({ code: "APPLY_FENCED" });
    });
  });
}

const idOf = ({ id }: { readonly id: string }): string => id;
const sorted = (states: readonly KeyState[]): readonly KeyState[] => states.toSorted((a, b) => (a.id < b.id ? -1 : 1));

const transientOnly = (error: unknown): void => {
  if (!["SERIALIZATION_FAILURE", "RACED", "DEADLOCK", "TRANSACTION_ABORTED"].includes(codeOf(error) ?? "")) throw error;
};

async function repeated(work: () => Promise<void>): Promise<void> {
  for (;;) {
    const done = await work().then(
      () => true,
      (error: unknown) => (transientOnly(error), false),
    );
    if (done) return;
  }
}

async function reasonAt({ copier, mongo }: ReplicationRig, database: Database, id: string): Promise<unknown> {
  if (database === "mongo") return (await mongo.db.collection("register").findOne({ id }))?.["refusal"];
  const { rows } = await copier.pool.query<{ refusal: string }>("select refusal from cutover.register where id = $1", [
    id,
  ]);
  return rows[0]?.refusal;
}
