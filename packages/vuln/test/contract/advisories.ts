import { byBytes, canonicalJson } from "@stellaops/kernel";
import { inTurn, outcomeOf, repositoryContract, whole } from "@stellaops/testkit";
import { describe, expect, it } from "vitest";
import type { Advisory } from "../../src/aggregates.ts";
import { advisory, day, fresh, newId, noon } from "../samples.ts";
import type { Rig } from "@stellaops/testkit/module";
import type { VulnRepositories } from "@stellaops/vuln";

const affects = (ecosystem: string, name: string, purl: string | null) => ({
  ecosystem,
  package: name,
  purl,
  ranges: [],
  versions: [],
  fixed: [],
});
const keysOf = (found: readonly { readonly advisoryKey: string }[]) => found.map(({ advisoryKey }) => advisoryKey);

export function advisoriesContract(rig: () => Rig<VulnRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).advisories;
  const put = (tenant: string, ...aggregates: readonly Advisory[]) =>
    inTurn(aggregates, (aggregate) => at(tenant).put(aggregate, 0n));
  repositoryContract({
    name: "advisories",
    repository: at,
    make: (id) => advisory(id === undefined ? {} : { id }),
    changed: (was) => ({
      ...was,
      title: "Another title",
      contentHash: "changed",
      severity: "low" as const,
      aliases: [{ scheme: "CVE", value: "CVE-2026-0002" }, ...was.aliases.slice(1)],
      cvss: [...was.cvss, ...was.cvss.map((score) => ({ ...score, baseScore: null }))].toReversed(),
      affected: [],
      references: [],
      credits: [...was.credits, { name: "another", kind: "FINDER", contact: [] }],
      weaknesses: [],
    }),
    twin: ({ advisoryKey }) => advisory({ advisoryKey }),
    constraint: "uq_advisories_advisory_key",
    registered: () => rig().registered,
  });

  describe("advisories, ingesting", () => {
    it("advisories.ingestBatch: inserts, and writes nothing for an equal content hash", async () => {
      const batch = [advisory(), advisory(), advisory()];
      expect(await at("acme").ingestBatch(batch)).toEqual({ inserted: 3, updated: 0, unchanged: 0 });
      const again = batch.map((one) => ({ ...one, id: newId(), title: "not looked at", updatedAt: day(1) }));
      expect(await at("acme").ingestBatch(again)).toEqual({ inserted: 0, updated: 0, unchanged: 3 });
      for (const one of batch) expect(await at("acme").get(one.id)).toEqual({ ...one, revision: 1n, tenantId: "acme" });
      expect(await at("acme").ingestBatch([])).toEqual({ inserted: 0, updated: 0, unchanged: 0 });
    });

    it("advisories.ingestBatch: replaces what has another hash, children included, and keeps id and creation", async () => {
      const [a, b, c] = [advisory(), advisory(), advisory()];
      await at("acme").ingestBatch([a, b]);
      const newer = {
        ...advisory({ advisoryKey: b.advisoryKey, contentHash: "newer", title: "Newer", createdAt: day(3) }),
        aliases: [],
        weaknesses: [{ cwe: "CWE-1" }, { cwe: "CWE-2" }],
        affected: [affects("Go", "example.com/x", null), affects("npm", "left-pad", null)],
        updatedAt: day(3),
      };
      expect(await at("acme").ingestBatch([c, newer, a])).toEqual({ inserted: 1, updated: 1, unchanged: 1 });
      const stored = { ...newer, id: b.id, createdAt: b.createdAt, revision: 2n, tenantId: "acme" };
      expect(await at("acme").findByKey(b.advisoryKey)).toEqual(stored);
      expect(await at("acme").get(newer.id)).toBeNull();
      expect(await at("acme").findByKey(a.advisoryKey)).toMatchObject({ revision: 1n });
    });

    it("advisories.ingestBatch: does not look at shared and foreign ones of the same key", async () => {
      const shared = advisory();
      await at("@global").ingestBatch([shared]);
      await at("umbrella").ingestBatch([shared]);
      expect(await at("acme").ingestBatch([{ ...shared }])).toEqual({ inserted: 1, updated: 0, unchanged: 0 });
      expect(await whole((request) => at("acme").list(request))).toHaveLength(2);
    });

    it("advisories.ingestBatch: all of the batch or nothing", async () => {
      const [here, fresh1] = [advisory(), advisory()];
      await put("acme", here);
      const ingest = (...batch: readonly Advisory[]) => outcomeOf(() => at("acme").ingestBatch(batch));
      // Its id is another advisory's.
      expect(await ingest(fresh1, advisory({ id: here.id }))).toMatchObject({ error: "REVISION_CONFLICT" });
      const twice = advisory();
      expect(await ingest(fresh1, twice, { ...advisory(), advisoryKey: twice.advisoryKey })).toMatchObject({
        error: "BATCH_DUPLICATE",
      });
      expect(await ingest(fresh1, advisory({ raw: { a: [{ b: "\0" }] } }))).toMatchObject({
        error: "VALUE_NUL",
        path: "raw.a.0.b",
      });
      expect(await ingest(...Array.from({ length: 1_001 }, () => advisory()))).toMatchObject({
        error: "BATCH_TOO_LARGE",
      });
      expect(keysOf((await at("acme").list()).items)).toEqual([here.advisoryKey]);
    });

    it("advisories.ingestBatch: of the same keys many times at once makes one of each", async () => {
      const keys = Array.from({ length: 20 }, () => fresh("STELLA"));
      const callers = Array.from({ length: 6 }, (_, caller) => {
        const batch = keys.map((advisoryKey) => advisory({ advisoryKey, contentHash: `by ${caller % 2}` }));
        return at("acme").ingestBatch(caller % 2 === 0 ? batch : batch.toReversed());
      });
      const counts = await Promise.all(callers);
      expect(counts.reduce((sum, { inserted }) => sum + inserted, 0)).toBe(20);
      for (const { inserted, updated, unchanged } of counts) expect(inserted + updated + unchanged).toBe(20);
      const found = await whole((request) => at("acme").list(request));
      expect(keysOf(found).toSorted(byBytes)).toEqual(keys.toSorted(byBytes));
      const updates = counts.reduce((sum, { updated }) => sum + updated, 0);
      expect(found.reduce((sum, { revision }) => sum + Number(revision) - 1, 0)).toBe(updates);
    });

    it("advisories.ingestBatch: gives `raw` back byte for byte in canonical form", async () => {
      const raw = JSON.parse(`{"z":1,"é":"e\\u0301","":{"$x":[1e21,0.1,9007199254740993,-0]},"a.b":null}`) as never;
      const one = advisory({ raw });
      await at("acme").ingestBatch([one]);
      const stored = await at("acme").findByKey(one.advisoryKey);
      expect(canonicalJson(stored?.raw as never)).toBe(canonicalJson(raw));
    });
  });

  describe("advisories, finding", () => {
    it("advisories.findByKey: gives the tenant's own before the shared one", async () => {
      const shared = advisory();
      expect(await at("acme").findByKey(shared.advisoryKey)).toBeNull();
      await put("@global", shared);
      expect(await at("acme").findByKey(shared.advisoryKey)).toEqual({ ...shared, revision: 1n, tenantId: "@global" });
      await put("acme", advisory({ advisoryKey: shared.advisoryKey, title: "own" }));
      expect(await at("acme").findByKey(shared.advisoryKey)).toMatchObject({ title: "own", tenantId: "acme" });
      expect(await at("umbrella").findByKey(shared.advisoryKey)).toMatchObject({ tenantId: "@global" });
      expect(await outcomeOf(() => at("acme").findByKey("\udfff"))).toMatchObject({ error: "VALUE_NOT_WELL_FORMED" });
      expect(await outcomeOf(() => at("acme").findByKey({ $ne: "" } as never))).toMatchObject({ family: "data" });
    });

    it("advisories.findByAlias: by advisory key in byte order, own and shared, exactly", async () => {
      const aliases = [{ scheme: "CVE", value: "CVE-1" }];
      const named = ["b", "\u{1f600}", "\uffff", "a", "B"].map((advisoryKey) => advisory({ advisoryKey, aliases }));
      await put("acme", ...named);
      await put("@global", advisory({ advisoryKey: "b", aliases }));
      await put("umbrella", advisory({ aliases }));
      // One alias has the scheme and another the value.
      const apart = [
        { scheme: "CVE", value: "x" },
        { scheme: "GHSA", value: "CVE-1" },
      ];
      await put("acme", advisory({ aliases: apart }));
      const found = await whole((request) => at("acme").findByAlias("CVE", "CVE-1", request));
      expect(keysOf(found)).toEqual(["B", "a", "b", "b", "\uffff", "\u{1f600}"]);
      expect((await at("acme").findByAlias("cve", "CVE-1")).items).toEqual([]);
      expect(found.find(({ advisoryKey }) => advisoryKey === "a")).toEqual({
        ...named[3],
        revision: 1n,
        tenantId: "acme",
      });
    });

    it("advisories.findByPackage: by purl, or by ecosystem and name of one entry", async () => {
      const [pad, apart, both] = [
        advisory({ affected: [affects("PyPI", "x", null), affects("npm", "left-pad", "pkg:npm/left-pad")] }),
        advisory({ affected: [affects("npm", "y", null), affects("PyPI", "left-pad", "pkg:pypi/left-pad")] }),
        advisory({ affected: [affects("npm", "left-pad", null), affects("npm", "left-pad", "pkg:npm/left-pad")] }),
      ];
      await put("acme", pad, apart);
      await put("@global", both);
      await put("umbrella", advisory());
      const sorted = keysOf([pad, both]).toSorted(byBytes);
      const byName = { ecosystem: "npm", package: "left-pad" };
      expect(keysOf(await whole((request) => at("acme").findByPackage(byName, request)))).toEqual(sorted);
      const byPurl = { purl: "pkg:npm/left-pad" };
      expect(keysOf(await whole((request) => at("acme").findByPackage(byPurl, request)))).toEqual(sorted);
      expect((await at("acme").findByPackage({ ecosystem: "PyPI", package: "y" })).items).toEqual([]);
      expect((await at("@global").findByPackage(byName)).items).toHaveLength(1);
    });

    it("advisories.search: every word as a whole word, newest first, then id descending", async () => {
      const at5 = [advisory({ title: "heap OVERFLOW in näive-parser" }), advisory({ summary: "overflow; heap" })];
      const newest = advisory({ details: "Overflow of the heap", modifiedAt: day(1) });
      await put("acme", ...at5, newest, advisory({ title: "stack overflow" }), advisory({ title: "heap overflows" }));
      await put("@global", advisory({ id: at5[0]!.id, title: "heap overflow" }));
      await put("umbrella", advisory({ title: "heap overflow" }));
      const found = await whole((request) => at("acme").search("Heap  overflow!", request));
      const ids = at5
        .map(({ id }) => id)
        .toSorted()
        .toReversed();
      expect(found[0]?.id).toBe(newest.id);
      expect(found.slice(1).map(({ id }) => id)).toEqual(ids.flatMap((id) => (id === at5[0]!.id ? [id, id] : [id])));
      const twins = found.filter(({ id }) => id === at5[0]!.id);
      expect(twins.map(({ tenantId }) => tenantId)).toEqual(["acme", "@global"]);
      expect(await whole((request) => at("@global").search("heap", request))).toHaveLength(1);
    });

    it.each(["", "  ", "!? -- '", "\\", "&|!:*()"])(
      "advisories.search: finds nothing for %j, which has no words",
      async (text) => {
        await put("acme", advisory());
        expect(await at("acme").search(text)).toEqual({ items: [], next: null });
      },
    );

    it("advisories.search: folds case and form, and finds keys and aliases", async () => {
      const one = advisory({
        title: "\uff26\uff55\uff4c\uff4c width \u0130stanbul caf\u00e9 \u{1d400}x 漢字",
        advisoryKey: fresh("GO-2026"),
      });
      await put("acme", one);
      const words = [
        "full WIDTH",
        "CAFE\u0301",
        "ax",
        "漢字",
        one.advisoryKey,
        "ghsa aaaa",
        "cve-2026-0001",
        "i\u0307stanbul",
      ];
      const found = await inTurn(words, async (text) => [text, ...keysOf((await at("acme").search(text)).items)]);
      expect(found).toEqual(words.map((text) => [text, one.advisoryKey]));
      expect((await at("acme").search("ful")).items).toEqual([]);
    });

    it("advisories.search: follows changes", async () => {
      const one = advisory({ title: "before" });
      await put("acme", one);
      await at("acme").put({ ...one, title: "after" }, 1n);
      expect((await at("acme").search("before")).items).toEqual([]);
      expect((await at("acme").search("after")).items).toHaveLength(1);
    });

    it("advisories.listModifiedSince: at or after the instant, by modification, then id", async () => {
      const days = [3, 1, 2, 2, 0, -1];
      const stored = days.map((n) => advisory({ modifiedAt: day(n) }));
      await put("acme", ...stored);
      await put("@global", advisory({ modifiedAt: day(2) }));
      const found = await whole((request) => at("acme").listModifiedSince(day(0), request));
      expect(found.map(({ modifiedAt }) => modifiedAt)).toEqual([0, 1, 2, 2, 2, 3].map(day));
      const ids = found.slice(2, 5).map(({ id }) => id);
      expect(ids).toEqual(ids.toSorted());
      const later = await at("acme").listModifiedSince(new Date(day(3).getTime() + 1));
      expect(later).toEqual({ items: [], next: null });
      const ask = (since: Date) => outcomeOf(() => at("acme").listModifiedSince(since));
      expect(await ask(new Date(Number.NaN))).toMatchObject({ error: "VALUE_DATE" });
      expect(await ask(new Date(-8.64e15))).toMatchObject({ error: "VALUE_DATE_RANGE" });
    });

    it.each(["findByAlias", "findByPackage", "search", "listModifiedSince"] as const)(
      "advisories.%s: refuses a cursor of other arguments and of another tenant",
      async (verb) => {
        await put("acme", advisory(), advisory());
        const asks = {
          findByAlias: (tenant: string, other: boolean, after: string | null) =>
            at(tenant).findByAlias("CVE", other ? "CVE-x" : "CVE-2026-0001", { limit: 1, after }),
          findByPackage: (tenant: string, other: boolean, after: string | null) =>
            at(tenant).findByPackage({ purl: other ? "x" : "pkg:npm/left-pad" }, { limit: 1, after }),
          search: (tenant: string, other: boolean, after: string | null) =>
            at(tenant).search(other ? "write" : "bounds", { limit: 1, after }),
          listModifiedSince: (tenant: string, other: boolean, after: string | null) =>
            at(tenant).listModifiedSince(other ? day(-8) : day(-7), { limit: 1, after }),
        };
        const { next } = await asks[verb]("acme", false, null);
        expect(next).not.toBeNull();
        expect((await asks[verb]("acme", false, next)).items).toHaveLength(1);
        const foreign = { error: "CURSOR_FOREIGN", family: "data" };
        expect(await outcomeOf(() => asks[verb]("acme", true, next))).toMatchObject(foreign);
        expect(await outcomeOf(() => asks[verb]("umbrella", false, next))).toMatchObject(foreign);
      },
    );

    it("advisories.findByAlias: refuses arguments that neither database could hold", async () => {
      expect(await outcomeOf(() => at("acme").findByAlias("CVE", "\0"))).toMatchObject({ error: "VALUE_NUL" });
      expect(await outcomeOf(() => at("acme").findByAlias("\ud800", "x"))).toMatchObject({ family: "data" });
      expect(await outcomeOf(() => at("acme").findByPackage({ purl: "\0" }))).toMatchObject({ error: "VALUE_NUL" });
      const odd = { ecosystem: "npm", package: "\0" };
      expect(await outcomeOf(() => at("acme").findByPackage(odd))).toMatchObject({ error: "VALUE_NUL" });
    });

    it("advisories.count: of what is visible", async () => {
      await put("acme", advisory(), advisory());
      await put("@global", advisory());
      await put("umbrella", advisory());
      expect(await at("acme").count()).toBe(3n);
      expect(await at("@global").count()).toBe(1n);
    });

    it("advisories.withdraw: marks the tenant's own once", async () => {
      const [own, shared, gone] = [advisory(), advisory(), advisory({ withdrawnAt: noon })];
      await put("acme", own, gone);
      await put("@global", shared);
      expect(await at("acme").withdraw(own.advisoryKey, day(1))).toBe(true);
      expect(await at("acme").withdraw(own.advisoryKey, day(2))).toBe(false);
      expect(await at("acme").withdraw(gone.advisoryKey, day(2))).toBe(false);
      expect(await at("acme").withdraw(shared.advisoryKey, day(2))).toBe(false);
      expect(await at("acme").withdraw("none", day(2))).toBe(false);
      const withdrawn = { ...own, withdrawnAt: day(1), updatedAt: day(1), revision: 2n, tenantId: "acme" };
      expect(await at("acme").findByKey(own.advisoryKey)).toEqual(withdrawn);
      expect(await at("@global").findByKey(shared.advisoryKey)).toMatchObject({ withdrawnAt: null, revision: 1n });
      const withdraw = (key: string, when: Date) => outcomeOf(() => at("acme").withdraw(key, when));
      expect(await withdraw("x", new Date(Number.NaN))).toMatchObject({ error: "VALUE_DATE" });
      expect(await withdraw("\0", noon)).toMatchObject({ error: "VALUE_NUL" });
    });

    it("advisories.withdraw: lets one of many win", async () => {
      const one = advisory();
      await put("acme", one);
      const answers = await Promise.all(Array.from({ length: 6 }, () => at("acme").withdraw(one.advisoryKey, noon)));
      expect(answers.filter(Boolean)).toHaveLength(1);
      expect(await at("acme").get(one.id)).toMatchObject({ revision: 2n });
    });
  });
}
