import { wiring, type AuthorityRepositories } from "@stellaops/authority";
import { seedMongo } from "@stellaops/cutover";
import { GLOBAL } from "@stellaops/kernel";
import { inTurn, outcomeOf } from "@stellaops/testkit";
import { mongoRig, postgresRig, type Rig } from "@stellaops/testkit/module";
import { expect, it, onTestFinished } from "vitest";
import { noon, role, user } from "./samples.ts";

const open = async <T extends Rig<AuthorityRepositories>>(opening: Promise<T>): Promise<T> => {
  const rig = await opening;
  onTestFinished(() => rig.close());
  return rig;
};
const all = (rig: Rig<AuthorityRepositories>) =>
  inTurn(["default", "installation", GLOBAL], async (tenant) => [
    (await rig.at(tenant).tenants.list()).items,
    (await rig.at(tenant).roles.list()).items,
  ]);

it("seeds: both databases begin with the same tenants and system roles", async () => {
  const [postgres, mongo] = [await open(postgresRig(wiring)), await open(mongoRig(wiring))];
  const there = await all(postgres);
  expect(await all(mongo)).toEqual(there);
  const declared = wiring.seeds?.flatMap(({ tenant, rows }) => rows.map((row) => ({ ...row, tenantId: tenant })));
  const found = new Set(
    there.flat(2).map(({ revision: _, ...rest }) => JSON.stringify(rest, Object.keys(rest).toSorted())),
  );
  expect(found).toEqual(new Set(declared?.map((row) => JSON.stringify(row, Object.keys(row).toSorted()))));
  expect(found.size).toBe(5);
});

it("seeds: system roles are granted by tenants, and deleted by nobody", async () => {
  for (const rig of [await open(postgresRig(wiring)), await open(mongoRig(wiring))]) {
    const acme = rig.at("acme");
    const viewer = await acme.roles.findByName("viewer");
    const one = user();
    await acme.users.put(one, 0n);
    const grant = { userId: one.id, roleId: viewer!.id, grantedBy: "root", expiresAt: null, at: noon };
    expect((await acme.users.grantRole(grant)).roles).toHaveLength(1);
    const remove = () => rig.at(GLOBAL).roles.delete(viewer!.id, 1n, { at: noon });
    expect(await outcomeOf(remove)).toMatchObject({ error: "ROLE_SYSTEM" });
  }
});

it("seeds: on MongoDB they are put in once, where nobody has the key, and never beside a stage record", async () => {
  const rig = await open(mongoRig(wiring));
  const { db } = rig.mongo;
  const again = () => seedMongo(db, wiring);
  expect(await again()).toBe(0);
  // What was changed stays, and what was deleted stays away.
  const viewer = await rig.at(GLOBAL).roles.findByName("viewer");
  await rig.at(GLOBAL).roles.put({ ...viewer!, displayName: "Reader" }, 1n);
  const own = await rig.at("default").tenants.current();
  await rig.at("default").tenants.delete(own!.id, 1n);
  expect(await again()).toBe(0);
  expect(await rig.at(GLOBAL).roles.findByName("viewer")).toMatchObject({ displayName: "Reader", revision: 2n });
  expect(await rig.at("default").tenants.current()).toBeNull();

  await rig.reset();
  await db.collection("schema_migrations").deleteOne({ _id: "authority seeds" as never });
  const admin = role({ name: "administrator", isSystem: true });
  await rig.at(GLOBAL).roles.put(admin, 0n);
  expect(await again()).toBe(4);
  expect(await rig.at(GLOBAL).roles.findByName("administrator")).toMatchObject({ id: admin.id });

  await rig.reset();
  await db.collection("schema_migrations").deleteOne({ _id: "authority seeds" as never });
  await db.collection("stage").insertOne({ _id: "record" as never });
  expect(await again()).toBe(0);
  expect((await rig.at(GLOBAL).roles.list()).items).toEqual([]);
});
