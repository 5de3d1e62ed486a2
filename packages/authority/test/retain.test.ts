import { GLOBAL, retain, type Retained } from "@stellaops/kernel";
import { inTurn } from "@stellaops/testkit";
import { mongoRig, postgresRig, type Rig } from "@stellaops/testkit/module";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { wiring, type AuthorityRepositories } from "../src/index.ts";
import { day, loginAttempt, noon } from "./samples.ts";

const policies = [{ repository: "loginAttempts", keepDays: 30 }] as const;
const tenants = ["acme", "umbrella", GLOBAL];

describe.each([
  { database: "postgres", open: postgresRig },
  { database: "mongo", open: mongoRig },
])("retention of a module on $database", ({ open }) => {
  let rig: Rig<AuthorityRepositories>;
  beforeAll(async () => void (rig = await open(wiring)));
  afterAll(() => rig.close());
  beforeEach(async () => {
    await rig.reset();
    await inTurn(tenants, (tenant) =>
      rig.at(tenant).loginAttempts.append([1, 31, 32, 33].map((n) => loginAttempt({ occurredAt: day(-n) }))),
    );
  });
  const handle = () => ({ tenant: (id: string) => rig.at(id), shared: () => rig.at(GLOBAL) });
  const left = () => inTurn(["umbrella", "acme"], async (id) => (await rig.at(id).loginAttempts.list()).items.length);

  it("purges the given tenants in batches until nothing is left, and tells of each", async () => {
    const told: Retained[] = [];
    const onProgress = (progress: Retained) => void told.push(progress);
    expect(await retain(handle(), policies, { at: noon, tenants, limit: 2, onProgress })).toBe(9);
    expect(told).toEqual(
      tenants.flatMap((tenant) => [2, 3].map((purged) => ({ tenant, repository: "loginAttempts", purged }))),
    );
    // The shared one is seen beside the tenant's own.
    expect(await left()).toEqual([2, 2]);
    expect(await retain(handle(), policies, { at: noon, tenants })).toBe(0);
  });

  it("ends between two units, and goes on with what is there", async () => {
    const ended = new AbortController();
    const onProgress = () => ended.abort(new Error("enough"));
    const cut = retain(handle(), policies, { at: noon, tenants, limit: 2, signal: ended.signal, onProgress });
    await expect(cut).rejects.toThrow("enough");
    expect(await retain(handle(), policies, { at: noon, tenants })).toBe(7);
  });

  it("refuses a policy that keeps less than the rule, and repositories that do not purge are no policy", async () => {
    const tooShort = [{ repository: "loginAttempts", keepDays: 29 }] as const;
    await expect(retain(handle(), tooShort, { at: noon, tenants })).rejects.toMatchObject({
      code: "RETENTION_TOO_SHORT",
    });
    // @ts-expect-error users are deleted one by one
    void (() => retain(handle(), [{ repository: "users", keepDays: 30 }], { at: noon, tenants }));
    expect(await left()).toEqual([8, 8]);
  });
});
