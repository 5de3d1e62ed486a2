import { outcomeOf, repositoryContract } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import type { Pack, PackVersion, PolicyRepositories } from "../../src/index.ts";
import { fresh, minute, newId, noon, pack, packVersion } from "../samples.ts";

export function packsContract(rig: () => Rig<PolicyRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).packs;
  const acme = () => at("acme");
  const stored = async (over: Partial<Pack> = {}): Promise<Pack> => {
    const made = pack(over);
    await acme().put(made, 0n);
    return made;
  };
  const version = async (packId: string, over: Partial<PackVersion> = {}, tenant = "acme"): Promise<PackVersion> => {
    const made = packVersion({ packId, ...over });
    const { packVersions } = rig().at(tenant);
    await packVersions.put(made, 0n);
    return made;
  };
  const published = async (packId: string, over: Partial<PackVersion> = {}, tenant = "acme"): Promise<PackVersion> => {
    const made = await version(packId, over, tenant);
    await rig().at(tenant).packVersions.publish({ id: made.id, by: "ada", at: noon });
    return made;
  };
  repositoryContract({
    name: "packs",
    repository: at,
    make: (id) => pack(id === undefined ? {} : { id }),
    changed: (was) => ({ ...was, displayName: "Another", description: "Blocks.", isBuiltin: true }),
    twin: ({ name }) => pack({ name }),
    constraint: "uq_packs_name",
    registered: () => rig().registered,
  });

  describe("packs, particular", () => {
    it("packs.findByName: the tenant's own before the shared one, else null", async () => {
      const name = fresh("named");
      await at("@global").put(pack({ name }), 0n);
      expect(await acme().findByName(name)).toMatchObject({ name, tenantId: "@global" });
      await stored({ name });
      expect(await acme().findByName(name)).toMatchObject({ name, tenantId: "acme" });
      expect(await acme().findByName(fresh("nobody"))).toBeNull();
      expect(await outcomeOf(() => acme().findByName(null as never))).toMatchObject({
        error: "VALUE_INVALID",
        family: "data",
      });
    });

    it("packs.put: leaves the version in use as it is", async () => {
      const refusal = { error: "PACK_ACTIVE_VERSION", family: "conflict" };
      expect(await outcomeOf(() => acme().put(pack({ activeVersion: "1.0" }), 0n))).toMatchObject(refusal);
      const one = await stored();
      const put = (over: Partial<Pack>, expected: bigint) => outcomeOf(() => acme().put({ ...one, ...over }, expected));
      expect(await put({ activeVersion: "1.0" }, 1n)).toMatchObject(refusal);
      const { version: activeVersion } = await published(one.id);
      await acme().activate({ packId: one.id, version: activeVersion, at: noon });
      expect(await put({ activeVersion: null }, 2n)).toMatchObject(refusal);
      expect(await put({ activeVersion }, 1n)).toMatchObject({ error: "REVISION_CONFLICT" });
      expect(await put({ activeVersion, displayName: "Other" }, 2n)).toEqual({ value: 3n });
      expect(await acme().get(one.id)).toMatchObject({ activeVersion, displayName: "Other" });
    });

    it("packs.activate: puts a published version into use, and another in its place", async () => {
      const { id: packId } = await stored();
      const [first, second] = [await published(packId), await published(packId)];
      const used = await acme().activate({ packId, version: first.version, at: minute(1) });
      expect(used).toMatchObject({ activeVersion: first.version, updatedAt: minute(1), revision: 2n });
      expect(await acme().get(packId)).toEqual(used);
      expect(await acme().activate({ packId, version: second.version, at: minute(2) })).toMatchObject({
        activeVersion: second.version,
        revision: 3n,
      });
    });

    it("packs.activate: refuses what is not published, of another pack, of another tenant, or not there", async () => {
      const { id: packId } = await stored();
      const use = (of: PackVersion) => outcomeOf(() => acme().activate({ packId, version: of.version, at: noon }));
      const missing = { error: "PACK_VERSION_MISSING", family: "not-found" };
      const draft = await version(packId);
      expect(await use(draft)).toMatchObject({ error: "PACK_NOT_PUBLISHED", family: "conflict" });
      await rig().at("acme").packVersions.retire({ id: draft.id, at: noon });
      expect(await use(draft)).toMatchObject({ error: "PACK_NOT_PUBLISHED" });
      expect(await use(await published(newId()))).toMatchObject(missing);
      expect(await use(await published(packId, {}, "@global"))).toMatchObject(missing);
      expect(await use(await published(packId, {}, "umbrella"))).toMatchObject(missing);
      expect(await use(packVersion())).toMatchObject(missing);
      expect(await acme().get(packId)).toMatchObject({ activeVersion: null, revision: 1n });
      const bad = outcomeOf(() => acme().activate({ packId, version: null as never, at: noon }));
      expect(await bad).toMatchObject({ error: "VALUE_INVALID", path: "version" });
    });

    it("packs.activate: null for a pack that is not the tenant's own", async () => {
      const shared = pack();
      await at("@global").put(shared, 0n);
      const { version: of } = await published(shared.id);
      expect(await acme().activate({ packId: shared.id, version: of, at: noon })).toBeNull();
      expect(await acme().get(shared.id)).toMatchObject({ activeVersion: null, revision: 1n, tenantId: "@global" });
    });

    it("packs.activate: a version published in the same unit may be used in it; a unit that fails leaves neither", async () => {
      const { id: packId } = await stored();
      const made = await version(packId);
      const unit = (fail: boolean) =>
        rig()
          .at("acme")
          .transaction(async ({ packs, packVersions }) => {
            await packVersions.publish({ id: made.id, by: "ada", at: noon });
            await packs.activate({ packId, version: made.version, at: noon });
            if (fail) await packs.activate({ packId, version: "none", at: noon });
          });
      expect(await outcomeOf(() => unit(true))).toMatchObject({ error: "PACK_VERSION_MISSING" });
      expect(await rig().at("acme").packVersions.get(made.id)).toMatchObject({ status: "draft", revision: 1n });
      await unit(false);
      expect(await acme().get(packId)).toMatchObject({ activeVersion: made.version });
    });

    it("packs.delete: leaves its versions, which may be published for ever", async () => {
      const one = await stored();
      const kept = await published(one.id);
      await acme().delete(one.id, 1n);
      expect(await rig().at("acme").packVersions.findByVersion(one.id, kept.version)).toMatchObject({ id: kept.id });
    });
  });
}
