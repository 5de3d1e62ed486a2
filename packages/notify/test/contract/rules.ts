import { inTurn, outcomeOf, repositoryContract, whole } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import type { NotifyRepositories, Rule } from "../../src/index.ts";
import { channel, rule } from "../routing/samples.ts";
import { newId, noon } from "../samples.ts";

export function rulesContract(rig: () => Rig<NotifyRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).rules;
  const channels = (tenant: string) => rig().at(tenant).channels;
  repositoryContract({
    name: "rules",
    repository: at,
    make: (id) => rule(id === undefined ? {} : { id }),
    changed: (was) => ({ ...was, priority: 1, eventKinds: [], match: {}, actions: [] }),
    twin: ({ name }) => rule({ name }),
    constraint: "uq_rules_name",
    registered: () => rig().registered,
  });

  const put = (over: Partial<Rule>, tenant = "acme") => outcomeOf(() => at(tenant).put(rule(over), 0n));

  describe("rules, particular", () => {
    it("rules.put: refuses a priority outside 0 to 100, and what is no channel's id", async () => {
      const range = { error: "VALUE_OUT_OF_RANGE", family: "data", path: "priority" };
      expect(await put({ priority: -1 })).toMatchObject(range);
      expect(await put({ priority: 101 })).toMatchObject(range);
      expect(await put({ channelIds: ["ops"] })).toMatchObject({ error: "VALUE_ID", path: "channelIds.0" });
      expect(await put({ priority: 0 })).toEqual({ value: 1n });
      expect(await put({ priority: 100 })).toEqual({ value: 1n });
    });

    it("rules.put: an enabled rule names live channels, its tenant's own or shared ones; another may name any", async () => {
      const [own, shared, foreign, gone] = [channel(), channel(), channel(), channel()];
      await channels("acme").put(own, 0n);
      await channels("@global").put(shared, 0n);
      await channels("umbrella").put(foreign, 0n);
      await channels("acme").put(gone, 0n);
      await channels("acme").softDelete(gone.id, 1n, { by: "bob", at: noon });
      const missing = { error: "CHANNEL_MISSING", family: "not-found" };
      for (const { id } of [foreign, gone, channel()])
        expect(await put({ channelIds: [own.id, id] })).toMatchObject(missing);
      expect(await put({ channelIds: [own.id, shared.id] })).toEqual({ value: 1n });
      expect(await put({ channelIds: [gone.id], enabled: false })).toEqual({ value: 1n });
      await channels("acme").restore(gone.id, 2n, { at: noon });
      expect(await put({ channelIds: [gone.id] })).toEqual({ value: 1n });
    });

    it("rules.listEnabledForEvent: the highest priority first; for the kind or for all, own and shared, enabled only", async () => {
      const of = (priority: number, eventKinds: readonly string[], over: Partial<Rule> = {}) =>
        rule({ priority, eventKinds, ...over });
      const made = [of(10, ["a"]), of(90, []), of(50, ["b", "a"]), of(50, ["a", "\u{1f600}"])];
      await inTurn(made, (one) => at("acme").put(one, 0n));
      const shared = of(70, ["a"]);
      await at("@global").put(shared, 0n);
      await at("acme").put(of(99, ["a"], { enabled: false }), 0n);
      await at("acme").put(of(99, ["A"]), 0n);
      await at("umbrella").put(of(99, ["a"]), 0n);
      const found = await whole((request) => at("acme").listEnabledForEvent("a", request));
      const [low, top, ...middle] = made;
      const newest = middle.toSorted((a, b) => (a.id < b.id ? 1 : -1));
      expect(found.map(({ id }) => id)).toEqual([top, shared, ...newest, low].map((one) => one?.id));
      expect(await whole((request) => at("acme").listEnabledForEvent("\u{1f600}", request))).toHaveLength(2);
      expect(await whole((request) => at("acme").listEnabledForEvent("c", request))).toHaveLength(1);
      const unstorable = await outcomeOf(() => at("acme").listEnabledForEvent("\0"));
      expect(unstorable).toMatchObject({ error: "VALUE_NUL" });
    });

    it("rules.listUsingChannel: by id, enabled or not, own and shared", async () => {
      const [one, other] = [channel(), channel()];
      for (const made of [one, other]) await channels("@global").put(made, 0n);
      const users = [rule({ channelIds: [one.id, other.id] }), rule({ channelIds: [one.id], enabled: false })];
      await inTurn(users, (user) => at("acme").put(user, 0n));
      const shared = rule({ channelIds: [one.id] });
      await at("@global").put(shared, 0n);
      await at("umbrella").put(rule({ channelIds: [one.id] }), 0n);
      const using = (id: string) => whole((request) => at("acme").listUsingChannel(id, request));
      const ids = [...users, shared].map(({ id }) => id).toSorted();
      expect((await using(one.id)).map(({ id }) => id)).toEqual(ids);
      expect((await using(other.id)).map(({ id }) => id)).toEqual([users[0]?.id]);
      expect(await using(newId())).toEqual([]);
      expect(await outcomeOf(() => at("acme").listUsingChannel("ops"))).toMatchObject({ error: "VALUE_ID" });
    });
  });
}
