import { inTurn, outcomeOf, repositoryContract, softContract } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import type { Channel, NotifyRepositories } from "../../src/index.ts";
import { channel, rule } from "../routing/samples.ts";
import { fresh, minute, noon } from "../samples.ts";

const by = { by: "bob", at: noon };

export function channelsContract(rig: () => Rig<NotifyRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).channels;
  const rules = (tenant: string) => rig().at(tenant).rules;
  const subject = {
    name: "channels",
    repository: at,
    make: (id?: string) => channel(id === undefined ? {} : { id }),
    twin: ({ name }: Channel) => channel({ name }),
    constraint: "uq_channels_name",
  };
  repositoryContract({
    ...subject,
    changed: (was) => ({ ...was, kind: "console" as const, endpoint: null, secretRef: null, throttle: { max: 3 } }),
    registered: () => rig().registered,
  });
  softContract(subject);

  const stored = async (over: Partial<Channel> = {}) => {
    const made = channel(over);
    await at("acme").put(made, 0n);
    return made;
  };
  const used = async () => {
    const made = await stored();
    const user = rule({ channelIds: [made.id] });
    await rules("acme").put(user, 0n);
    return { made, user };
  };
  const inUse = { error: "CHANNEL_IN_USE", family: "conflict" };

  describe("channels, without secrets", () => {
    it("channels.put: refuses an endpoint with credentials in it, and stores nothing", async () => {
      const put = (over: Partial<Channel>) => outcomeOf(() => at("acme").put(channel(over), 0n));
      const refusal = { error: "SECRET_IN_ENDPOINT", family: "data", path: "endpoint" };
      expect(await put({ endpoint: "https://alice:hunter2@chat.example.org" })).toMatchObject(refusal);
      expect(await put({ endpoint: "https://chat.example.org/?token=abc" })).toMatchObject(refusal);
      expect(await put({ endpoint: "https://hooks.slack.com/services/T1/B1/x" })).toMatchObject(refusal);
      expect(await put({ secretRef: "hunter2" })).toMatchObject({ error: "SECRET_REF_INVALID", path: "secretRef" });
      expect(await at("acme").list()).toEqual({ items: [], next: null });
      const made = await stored();
      const leaking = { ...made, endpoint: "https://chat.example.org/?sig=abc" };
      expect(await outcomeOf(() => at("acme").put(leaking, 1n))).toMatchObject(refusal);
    });
  });

  describe("channels, by name", () => {
    it("channels.findByName: gives the tenant's own live one before the shared one", async () => {
      const name = fresh("ops");
      expect(await at("acme").findByName(name)).toBeNull();
      await at("@global").put(channel({ name }), 0n);
      expect(await at("acme").findByName(name)).toMatchObject({ tenantId: "@global" });
      const own = await stored({ name });
      expect(await at("acme").findByName(name)).toMatchObject({ id: own.id, tenantId: "acme" });
      await at("acme").softDelete(own.id, 1n, by);
      expect(await at("acme").findByName(name)).toMatchObject({ tenantId: "@global" });
    });
  });

  describe("channels, in use", () => {
    it("channels.softDelete: refuses one that enabled rules use, and says how many", async () => {
      const { made, user } = await used();
      await rules("acme").put(rule({ channelIds: [made.id] }), 0n);
      const details = { channelId: made.id, rules: 2 };
      await expect(at("acme").softDelete(made.id, 1n, by)).rejects.toMatchObject({ code: "CHANNEL_IN_USE", details });
      expect(await outcomeOf(() => at("acme").softDelete(made.id, 2n, by))).toMatchObject({
        error: "REVISION_CONFLICT",
      });
      expect(await at("acme").get(made.id)).toMatchObject({ revision: 1n, deletedAt: null });
      expect(await rules("acme").get(user.id)).toMatchObject({ revision: 1n });
    });

    it("channels.softDelete: takes one that only disabled rules, or those of other tenants, name", async () => {
      const { made, user } = await used();
      await rules("acme").put({ ...user, enabled: false }, 1n);
      for (const tenant of ["umbrella", "@global"]) {
        await at(tenant).put({ ...made, name: fresh("other") }, 0n);
        await rules(tenant).put(rule({ channelIds: [made.id] }), 0n);
      }
      expect(await at("acme").softDelete(made.id, 1n, by)).toBe(2n);
      expect(await outcomeOf(() => at("umbrella").softDelete(made.id, 1n, by))).toMatchObject(inUse);
    });

    it("channels.softDelete: forced, takes it, and its rules keep it; a shared one goes by force only", async () => {
      const { made, user } = await used();
      expect(await at("acme").softDelete(made.id, 1n, { ...by, forced: true })).toBe(2n);
      expect(await rules("acme").get(user.id)).toMatchObject({ channelIds: [made.id], revision: 1n });
      const shared = channel();
      await at("@global").put(shared, 0n);
      expect(await outcomeOf(() => at("@global").softDelete(shared.id, 1n, by))).toMatchObject(inUse);
      expect(await at("@global").softDelete(shared.id, 1n, { ...by, forced: true })).toBe(2n);
    });

    it("channels.delete: on the same terms; what is marked already has no users", async () => {
      const { made } = await used();
      expect(await outcomeOf(() => at("acme").delete(made.id, 1n))).toMatchObject(inUse);
      expect(await outcomeOf(() => at("acme").delete(made.id, 1n, { forced: false }))).toMatchObject(inUse);
      await at("acme").delete(made.id, 1n, { forced: true });
      expect(await at("acme").get(made.id)).toBeNull();
      const { made: other } = await used();
      await at("acme").softDelete(other.id, 1n, { ...by, forced: true });
      await at("acme").delete(other.id, 2n);
      expect(await at("acme").get(other.id)).toBeNull();
    });

    it("channels.put: a mark that it brings is a deletion like any other, and one that is there stays", async () => {
      const { made, user } = await used();
      const mark = { deletedAt: minute(1), deletedBy: "bob" };
      expect(await outcomeOf(() => at("acme").put({ ...made, ...mark }, 1n))).toMatchObject(inUse);
      await rules("acme").delete(user.id, 1n);
      expect(await at("acme").put({ ...made, ...mark }, 1n)).toBe(2n);
      expect(await at("acme").put({ ...made, ...mark, enabled: false }, 2n)).toBe(3n);
      expect(await at("acme").get(made.id)).toMatchObject({ ...mark, enabled: false });
    });

    it("channels.softDelete: of a deletion and a rule at once, one finds the other", async () => {
      await inTurn(Array.from({ length: 5 }), async () => {
        const made = await stored();
        const user = rule({ channelIds: [made.id] });
        const [deleted, put] = await Promise.all([
          outcomeOf(() => at("acme").softDelete(made.id, 1n, by)),
          outcomeOf(() => rules("acme").put(user, 0n)),
        ]);
        const errors = [deleted, put].flatMap((outcome) => ("error" in outcome ? [outcome.error] : []));
        expect(errors).toEqual(["value" in deleted ? "CHANNEL_MISSING" : "CHANNEL_IN_USE"]);
      });
    });
  });
}
