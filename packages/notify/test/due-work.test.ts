import { dueWorkSuite } from "@stellaops/testkit/module";
import { expect, it } from "vitest";
import { wiring, workKinds } from "../src/index.ts";
import { claim, minute, noon, refOf } from "./samples.ts";
import { delivery, escalation, item } from "./work/samples.ts";

const escalating = (at: Date) => escalation({ step: { stage: 0, nextAt: at } });

dueWorkSuite(wiring, {
  kinds: workKinds,
  make: {
    deliveries: ({ deliveries }, at) => deliveries.enqueue(delivery({ dueAt: at })),
    digests: ({ digests }, at) => digests.addItem(item({ window: "instant", at })),
    escalations: ({ escalationStates }, at) => escalationStates.start(escalating(at)),
  },
  over: async ({ escalationStates }, at) => {
    const { state } = await escalationStates.start(escalating(at));
    await escalationStates.resolve(state.id, noon);
  },
  beside: ({ stored, due }) => {
    it("dueTenants: deliveries that are queued, and those whose sender is gone", async () => {
      const waiting = { c: -1, a: -3, b: -3, later: 1 };
      for (const [tenant, minutes] of Object.entries(waiting)) {
        await stored(tenant, ({ deliveries }) => deliveries.enqueue(delivery({ dueAt: minute(minutes) })));
        await stored(tenant, ({ deliveries }) => deliveries.enqueue(delivery({ dueAt: minute(50) })));
      }
      await stored("b", ({ deliveries }) => deliveries.claim(claim({ at: minute(-1), until: minute(3) })));
      expect(await due("deliveries", noon, 10)).toEqual(["a", "c"]);
      expect(await due("deliveries", minute(3), 10)).toEqual(["a", "c", "later", "b"]);
      await stored("b", ({ deliveries }) => deliveries.requeueExpired(minute(3), 10));
      expect(await due("deliveries", minute(3), 10)).toEqual(["a", "b", "c", "later"]);
    });

    it("dueTenants: digests whose window is over, until they are closed", async () => {
      await stored("b", ({ digests }) => digests.addItem(item({ at: minute(-10) })));
      await stored("a", ({ digests }) => digests.addItem(item({ at: minute(-5) })));
      await stored("later", ({ digests }) => digests.addItem(item({ at: noon })));
      expect(await due("digests", new Date(minute(-5).getTime() - 1), 10)).toEqual([]);
      expect(await due("digests", noon, 10)).toEqual(["b", "a"]);
      expect(await due("digests", minute(5), 10)).toEqual(["b", "a", "later"]);
      await stored("b", async ({ digests }) => {
        const [mine] = await digests.flushDue(claim());
        await digests.close(refOf(mine!), { at: noon });
      });
      expect(await due("digests", noon, 10)).toEqual(["a"]);
    });

    it("dueTenants: escalations that are active", async () => {
      const waiting = { b: -2, a: -1, later: 1 };
      for (const [tenant, minutes] of Object.entries(waiting))
        await stored(tenant, ({ escalationStates }) => escalationStates.start(escalating(minute(minutes))));
      expect(await due("escalations", noon, 10)).toEqual(["b", "a"]);
      expect(await due("escalations", minute(1), 10)).toEqual(["b", "a", "later"]);
      await stored("b", async ({ escalationStates }) => {
        const { items } = await escalationStates.list();
        await escalationStates.resolve(items[0]!.id, noon);
      });
      expect(await due("escalations", noon, 10)).toEqual(["a"]);
    });
  },
});
