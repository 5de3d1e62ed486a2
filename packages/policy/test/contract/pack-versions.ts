import { conflict } from "@stellaops/kernel";
import { frozenContract, inTurn, outcomeOf, repositoryContract, whole } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import { packHash, type PackVersion, type PolicyRepositories } from "../../src/index.ts";
import { fresh, minute, newId, noon, packVersion, rule } from "../samples.ts";

export function packVersionsContract(rig: () => Rig<PolicyRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).packVersions;
  const acme = () => at("acme");
  const stored = async (over: Partial<PackVersion> = {}): Promise<PackVersion> => {
    const made = packVersion(over);
    await acme().put(made, 0n);
    return made;
  };
  const published = async (over: Partial<PackVersion> = {}): Promise<PackVersion> => {
    const made = await stored(over);
    await acme().publish({ id: made.id, by: "ada", at: minute(1) });
    return made;
  };
  const immutable = { error: "IMMUTABLE", family: "conflict" };
  const changed = (was: PackVersion) => ({
    ...was,
    source: "policy other {}",
    compiled: [],
    rules: [rule({ ordinal: 7 })],
  });
  frozenContract({
    name: "packVersions",
    repository: at,
    make: () => packVersion(),
    changed,
    freeze: async (tenant, id, expected) => {
      const version = await at(tenant).publish({ id, expected, by: "ada", at: noon });
      if (version === null) throw conflict("NOT_PUBLISHED", "another was first");
      return version.revision;
    },
  });
  repositoryContract({
    name: "packVersions",
    repository: at,
    make: (id) => packVersion(id === undefined ? {} : { id }),
    changed,
    twin: ({ packId, version }) => packVersion({ packId, version }),
    constraint: "uq_pack_versions_pack_id_version",
    registered: () => rig().registered,
  });

  describe("packVersions, particular", () => {
    it("packVersions.publish: makes a draft what it is for ever", async () => {
      const made = await stored();
      const answer = await acme().publish({ id: made.id, by: "ada", at: minute(1) });
      const expected = { status: "published", publishedAt: minute(1), publishedBy: "ada", updatedAt: minute(1) };
      expect(answer).toEqual({ ...made, ...expected, revision: 2n, tenantId: "acme" });
      expect(await acme().get(made.id)).toEqual(answer);
    });

    it("packVersions.publish: whoever writes to a published version is refused, and nothing is changed", async () => {
      const made = await published();
      const before = await acme().get(made.id);
      const refused = async (call: () => Promise<unknown>) => expect(await outcomeOf(call)).toMatchObject(immutable);
      await refused(() => acme().put({ ...made, source: "other" }, 2n));
      await refused(() => acme().put({ ...made, rules: [] }, 2n));
      await refused(() => acme().put(made, 2n));
      await refused(() => acme().delete(made.id, 2n));
      await refused(() => acme().publish({ id: made.id, by: "eve", at: minute(2) }));
      await refused(() => acme().retire({ id: made.id, at: minute(2) }));
      expect(await acme().get(made.id)).toEqual(before);
      expect(await outcomeOf(() => acme().put(made, 1n))).toMatchObject({ error: "REVISION_CONFLICT" });
      expect(await outcomeOf(() => acme().delete(made.id, 1n))).toMatchObject({ error: "REVISION_CONFLICT" });
      const again = outcomeOf(() => acme().put({ ...made, id: newId() }, 0n));
      expect(await again).toMatchObject({ error: "UNIQUE_VIOLATION" });
    });

    it("packVersions.publish: of many at once one wins, and the others are told why", async () => {
      const { id } = await stored();
      const outcomes = await Promise.all(
        Array.from({ length: 6 }, (_, i) => outcomeOf(() => acme().publish({ id, by: `by ${i}`, at: noon }))),
      );
      const [won, ...others] = outcomes.filter((outcome) => "value" in outcome && outcome.value !== null);
      expect(others).toEqual([]);
      expect(won).toEqual({ value: await acme().get(id) });
      for (const lost of outcomes.filter((outcome) => "error" in outcome)) expect(lost).toMatchObject(immutable);
    });

    it("packVersions.publish: against a put at once; the one that came second is refused", async () => {
      for (let i = 0; i < 5; i += 1) {
        const made = await stored();
        const [publication, change] = await Promise.all([
          outcomeOf(() => acme().publish({ id: made.id, expected: 1n, by: "ada", at: noon })),
          outcomeOf(() => acme().put({ ...made, source: "late" }, 1n)),
        ]);
        const found = await acme().get(made.id);
        const won = "value" in publication && publication.value !== null;
        expect([won, "value" in change]).toEqual([won, !won]);
        expect(found).toMatchObject(won ? { status: "published", source: made.source } : { source: "late" });
      }
    });

    it("packVersions.publish: null for what is no draft at that revision, not there, or shared", async () => {
      const made = await stored();
      const publish = (id: string, expected?: bigint) =>
        acme().publish({ id, by: "ada", at: noon, ...(expected === undefined ? {} : { expected }) });
      expect(await publish(made.id, 2n)).toBeNull();
      expect(await publish(newId())).toBeNull();
      await acme().retire({ id: made.id, at: noon });
      expect(await publish(made.id)).toBeNull();
      const shared = packVersion();
      await at("@global").put(shared, 0n);
      expect(await publish(shared.id)).toBeNull();
      const bad = outcomeOf(() => acme().publish({ id: made.id, by: null as never, at: noon }));
      expect(await bad).toMatchObject({ error: "VALUE_NULL", path: "publishedBy" });
      expect(await outcomeOf(() => publish(made.id, 1 as never))).toMatchObject({ error: "REVISION_INVALID" });
    });

    it("packVersions.retire: of a draft alone; a put makes it a draft again", async () => {
      const made = await stored();
      expect(await acme().retire({ id: made.id, expected: 2n, at: noon })).toBeNull();
      expect(await acme().retire({ id: made.id, expected: 1n, at: minute(1) })).toMatchObject({ status: "retired" });
      expect(await acme().retire({ id: made.id, at: noon })).toBeNull();
      expect(await acme().put(made, 2n)).toBe(3n);
      expect(await acme().get(made.id)).toMatchObject({ status: "draft" });
      await acme().retire({ id: made.id, at: noon });
      await acme().delete(made.id, 4n);
      expect(await acme().get(made.id)).toBeNull();
    });

    it("packVersions.put: takes drafts alone", async () => {
      const refusal = { error: "PACK_NOT_DRAFT", family: "data", path: "status" };
      const wrong = [{ status: "published" }, { status: "retired" }, { publishedAt: noon }, { publishedBy: "eve" }];
      await inTurn(wrong, async (over) =>
        expect(await outcomeOf(() => acme().put(packVersion(over as never), 0n))).toMatchObject(refusal),
      );
      expect((await acme().list()).items).toEqual([]);
    });

    it("packVersions.put: refuses two rules of one key that differ", async () => {
      const rules = [rule(), rule({ ordinal: 9 })];
      expect(await outcomeOf(() => acme().put(packVersion({ rules }), 0n))).toMatchObject({ error: "VALUE_DUPLICATE" });
    });

    it("packVersions.findByHash: finds equal content, whatever it is called and in whatever order its rules were given", async () => {
      const source = fresh("source");
      const body = { z: [1, { b: -0, a: null }], a: "\u{1f600}" };
      const rules = [rule({ ruleKey: "b", body }), rule({ ruleKey: "a" })];
      const one = await published({ source, rules });
      const two = await stored({ source, rules: rules.toReversed() });
      await stored({ source, rules: [rule({ ruleKey: "b", body: { ...body, a: "b" } }), rules[1]!] });
      await at("@global").put(packVersion({ source, rules }), 0n);
      await at("umbrella").put(packVersion({ source, rules }), 0n);
      const found = await whole((request) => acme().findByHash(packHash(one), request));
      expect(found.map(({ tenantId }) => tenantId).toSorted()).toEqual(["@global", "acme", "acme"]);
      expect(found.map(({ id }) => id)).toEqual(expect.arrayContaining([one.id, two.id]));
      for (const version of found) expect(packHash(version)).toBe(packHash(found[0]!));
      await acme().put({ ...two, source: fresh("other") }, 1n);
      expect((await acme().findByHash(packHash(one))).items).toHaveLength(2);
      for (const odd of ["", "A".repeat(64), null, { $ne: "" }] as never[])
        expect(await outcomeOf(() => acme().findByHash(odd))).toMatchObject({ family: "data", path: "contentHash" });
    });

    it("packVersions.findByVersion: the tenant's own before the shared one, else null", async () => {
      const [packId, version] = [newId(), "1.0"];
      await at("@global").put(packVersion({ packId, version }), 0n);
      expect(await acme().findByVersion(packId, version)).toMatchObject({ tenantId: "@global" });
      await stored({ packId, version });
      expect(await acme().findByVersion(packId, version)).toMatchObject({ tenantId: "acme" });
      expect(await acme().findByVersion(packId, "2.0")).toBeNull();
      expect(await outcomeOf(() => acme().findByVersion("x", version))).toMatchObject({ error: "VALUE_ID" });
    });

    it("packVersions.listByPack: newest first, own and shared", async () => {
      const packId = newId();
      await inTurn([3, 1, 2, 2].map(minute), (createdAt) => stored({ packId, createdAt }));
      await at("@global").put(packVersion({ packId, createdAt: minute(2) }), 0n);
      await stored();
      const listed = await whole((request) => acme().listByPack(packId, request));
      expect(listed.map(({ createdAt }) => createdAt)).toEqual([3, 2, 2, 2, 1].map(minute));
      const ids = listed.slice(1, 4).map(({ id }) => id);
      expect(ids).toEqual(ids.toSorted().toReversed());
    });
  });
}
