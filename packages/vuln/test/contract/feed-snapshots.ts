import { sha256 } from "@stellaops/kernel";
import { inTurn, outcomeOf, readerContract, whole } from "@stellaops/testkit";
import { describe, expect, it } from "vitest";
import type { Opening, SnapshotEntry } from "../../src/repositories/feed-snapshots.ts";
import { day, newId, noon, opening } from "../samples.ts";
import type { Rig } from "@stellaops/testkit/module";
import type { VulnRepositories } from "@stellaops/vuln";

const entry = (advisoryKey: string, contentHash = "1"): SnapshotEntry => ({ advisoryKey, contentHash });
const emptied = ({ id, sourceId, snapshotKey, takenAt }: Opening) => ({
  id,
  sourceId,
  snapshotKey,
  takenAt,
  sealedAt: null,
  advisoryCount: 0n,
  checksum: null,
  advisories: [],
  createdAt: takenAt,
  updatedAt: takenAt,
});

export function feedSnapshotsContract(rig: () => Rig<VulnRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).feedSnapshots;
  const opened = async (tenant: string, ...entries: readonly SnapshotEntry[]): Promise<string> => {
    const { id, ...rest } = opening();
    await at(tenant).open({ id, ...rest });
    await at(tenant).addAdvisories(id, entries, noon);
    return id;
  };
  readerContract({
    name: "feedSnapshots",
    get: (tenant, id) => at(tenant).get(id),
    list: (tenant) => (request) => at(tenant).list(request),
    add: (tenant, item) => at(tenant).open(item as Opening),
    make: (id) => emptied({ ...opening(), ...(id === undefined ? {} : { id }) }),
  });

  describe("feedSnapshots, particular", () => {
    it("feedSnapshots.open: stores an empty one at revision 1", async () => {
      const snapshot = opening();
      expect(await at("acme").open(snapshot)).toBe(1n);
      expect(await at("acme").get(snapshot.id)).toEqual({ ...emptied(snapshot), revision: 1n, tenantId: "acme" });
    });

    it("feedSnapshots.open: refuses a second of one key and source, and an id that is there", async () => {
      const first = opening();
      await at("acme").open(first);
      const open = (next: Opening) => outcomeOf(() => at("acme").open(next));
      const { sourceId, snapshotKey } = first;
      const constraint = "uq_feed_snapshots_source_id_snapshot_key";
      expect(await open(opening({ sourceId, snapshotKey }))).toMatchObject({ error: "UNIQUE_VIOLATION", constraint });
      expect(await open({ ...opening(), id: first.id })).toMatchObject({ error: "REVISION_CONFLICT" });
      expect(await open({ ...opening(), takenAt: new Date(Number.NaN) })).toMatchObject({ error: "VALUE_DATE" });
      expect(await open(opening({ sourceId }))).toEqual({ value: 1n });
      expect(await open(opening({ snapshotKey }))).toEqual({ value: 1n });
    });

    it("feedSnapshots.addAdvisories: adds, takes the newer hash, counts, and keeps byte order", async () => {
      const id = await opened("acme", entry("b"), entry("\u{1f600}"));
      expect(
        await at("acme").addAdvisories(id, [entry("\uffff"), entry("b", "2"), entry("B"), entry("")], day(1)),
      ).toBe(3n);
      const advisories = [entry(""), entry("B"), entry("b", "2"), entry("\uffff"), entry("\u{1f600}")];
      expect(await at("acme").get(id)).toMatchObject({
        advisories,
        advisoryCount: 5n,
        updatedAt: day(1),
        revision: 3n,
      });
    });

    it("feedSnapshots.addAdvisories: counts a batch of nothing as a change", async () => {
      const id = await opened("acme", entry("a"));
      expect(await at("acme").addAdvisories(id, [], day(1))).toBe(3n);
      expect(await at("acme").get(id)).toMatchObject({ advisories: [entry("a")], advisoryCount: 1n });
    });

    it("feedSnapshots.addAdvisories: keeps keys that are special in queries and updates", async () => {
      const entries = ["$x", "$$ROOT", "a.b", "__proto__", "'; --", '"'].map((key) => entry(key, key));
      const id = await opened("acme", ...entries);
      const { advisories = [] } = (await at("acme").get(id)) ?? {};
      expect(new Set(advisories.map(({ contentHash }) => contentHash))).toEqual(
        new Set(entries.map((e) => e.advisoryKey)),
      );
    });

    it("feedSnapshots.addAdvisories: refuses a sealed one, a missing one, a shared one and a foreign one", async () => {
      const [own, shared, foreign] = [await opened("acme"), await opened("@global"), await opened("umbrella")];
      await at("acme").seal(own, noon);
      const add = (id: string) => outcomeOf(() => at("acme").addAdvisories(id, [entry("a")], noon));
      expect(await add(own)).toMatchObject({ error: "SNAPSHOT_SEALED", family: "conflict" });
      for (const id of [shared, foreign, newId()])
        expect(await add(id)).toMatchObject({ error: "NOT_FOUND", family: "not-found" });
      expect(await add("no id")).toMatchObject({ error: "VALUE_ID" });
      expect(await at("@global").get(shared)).toMatchObject({ advisories: [], revision: 2n });
    });

    it("feedSnapshots.addAdvisories: refuses one key twice, bad values, and more than 50,000; nothing is added", async () => {
      const id = await opened("acme", entry("a"));
      const add = (...entries: readonly SnapshotEntry[]) =>
        outcomeOf(() => at("acme").addAdvisories(id, entries, noon));
      expect(await add(entry("b"), entry("b", "2"))).toMatchObject({ error: "BATCH_DUPLICATE", family: "data" });
      expect(await add(entry("b"), entry("c\0"))).toMatchObject({ error: "VALUE_NUL" });
      const long = { error: "VALUE_TOO_LONG", family: "data" };
      expect(await add(entry("\u{1f600}".repeat(51)))).toMatchObject(long);
      expect(await add(entry("d", "\u{1f600}".repeat(17)))).toMatchObject(long);
      const many = Array.from({ length: 50_000 }, (_, i) => entry(`key ${i}`));
      expect(await add(...many)).toMatchObject({ error: "SNAPSHOT_FULL", family: "data" });
      expect(await at("acme").get(id)).toMatchObject({ advisories: [entry("a")], advisoryCount: 1n, revision: 2n });
    });

    it("feedSnapshots.addAdvisories: loses none of many batches at once", async () => {
      const id = await opened("acme");
      const batches = Array.from({ length: 8 }, (_, i) => [entry("common", String(i)), entry(`own ${i}`)]);
      const revisions = await Promise.all(batches.map((batch) => at("acme").addAdvisories(id, batch, noon)));
      expect(new Set(revisions)).toEqual(new Set(batches.map((_, i) => BigInt(i + 3))));
      const { advisories = [], advisoryCount } = (await at("acme").get(id)) ?? {};
      expect(advisories).toHaveLength(9);
      expect(advisoryCount).toBe(9n);
    });

    it("feedSnapshots.seal: closes with the checksum of the sorted entries; sealing again changes nothing", async () => {
      const id = await opened("acme", entry("b", "2"), entry("a", "1"));
      const sealed = await at("acme").seal(id, day(1));
      expect(sealed).toMatchObject({
        checksum: sha256("a 1\nb 2\n"),
        sealedAt: day(1),
        updatedAt: day(1),
        revision: 3n,
      });
      expect(await at("acme").seal(id, day(2))).toEqual(sealed);
      expect(await at("acme").get(id)).toEqual(sealed);
    });

    it("feedSnapshots.seal: refuses a missing one, a shared one, and what is no time", async () => {
      const shared = await opened("@global");
      const seal = (id: string, when = noon) => outcomeOf(() => at("acme").seal(id, when));
      expect(await seal(newId())).toMatchObject({ error: "NOT_FOUND" });
      expect(await seal(shared)).toMatchObject({ error: "NOT_FOUND" });
      expect(await seal("no id")).toMatchObject({ error: "VALUE_ID" });
      expect(await seal(await opened("acme"), new Date(Number.NaN))).toMatchObject({ error: "VALUE_DATE" });
    });

    it("feedSnapshots.seal: racing additions, never closes over entries that its checksum lacks", async () => {
      const id = await opened("acme");
      const additions = Array.from({ length: 5 }, (_, i) =>
        outcomeOf(() => at("acme").addAdvisories(id, [entry(`key ${i}`)], noon)),
      );
      const [sealed, ...outcomes] = await Promise.all([at("acme").seal(id, noon), ...additions]);
      const added = outcomes.filter((outcome) => "value" in outcome);
      const refused = outcomes.filter((outcome) => "error" in outcome && outcome.error === "SNAPSHOT_SEALED");
      expect(added.length + refused.length).toBe(5);
      expect(await at("acme").get(id)).toEqual(sealed);
      expect(sealed.advisories).toHaveLength(added.length);
      expect(sealed.checksum).toBe(sha256(sealed.advisories.map((e) => `${e.advisoryKey} 1\n`).join("")));
    });

    it("feedSnapshots.diff: gives what was added, removed and changed, by key, to the end with every limit", async () => {
      const a = await opened("acme", entry("same"), entry("gone"), entry("changed"), entry("\uffff"));
      const b = await opened("@global", entry("same"), entry("changed", "2"), entry("new"), entry("\u{1f600}"));
      expect(await whole((request) => at("acme").diff(a, b, request))).toEqual([
        { advisoryKey: "changed", before: "1", after: "2" },
        { advisoryKey: "gone", before: "1", after: null },
        { advisoryKey: "new", before: null, after: "1" },
        { advisoryKey: "\uffff", before: "1", after: null },
        { advisoryKey: "\u{1f600}", before: null, after: "1" },
      ]);
      expect(await at("acme").diff(a, a)).toEqual({ items: [], next: null });
    });

    it("feedSnapshots.diff: counts one that is missing or foreign as empty", async () => {
      const own = await opened("acme", entry("a"));
      const foreign = await opened("umbrella", entry("b"));
      const added = { items: [{ advisoryKey: "a", before: null, after: "1" }], next: null };
      expect(await at("acme").diff(foreign, own)).toEqual(added);
      expect(await at("acme").diff(newId(), own)).toEqual(added);
      expect(await at("acme").diff(newId(), newId())).toEqual({ items: [], next: null });
    });

    it("feedSnapshots.diff: reads the tenant's own where a shared one has the same id", async () => {
      const shared = await opened("@global", entry("shared"), entry("both"));
      await at("acme").open({ ...opening(), id: shared });
      await at("acme").addAdvisories(shared, [entry("both", "own")], noon);
      const found = await at("acme").diff(newId(), shared);
      expect(found.items).toEqual([{ advisoryKey: "both", before: null, after: "own" }]);
      expect((await at("umbrella").diff(newId(), shared)).items).toHaveLength(2);
    });

    it("feedSnapshots.diff: refuses a cursor of another pair, and what is no id", async () => {
      const [a, b] = [await opened("acme", entry("a"), entry("b")), newId()];
      const { next } = await at("acme").diff(a, b, { limit: 1 });
      const ask = (x: string, y: string) => outcomeOf(() => at("acme").diff(x, y, { after: next }));
      expect(await ask(b, a)).toMatchObject({ error: "CURSOR_FOREIGN" });
      expect(await inTurn(["x", ""], (id) => outcomeOf(() => at("acme").diff(a, id)))).toMatchObject([
        { error: "VALUE_ID" },
        { error: "VALUE_ID" },
      ]);
    });
  });
}
