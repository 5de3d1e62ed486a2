import { dueWorkSuite } from "@stellaops/testkit/module";
import { expect, it } from "vitest";
import { wiring, workKinds } from "../src/index.ts";
import { arming, claim, graphJob, minute, noon, policyJob } from "./samples.ts";

dueWorkSuite(wiring, {
  kinds: workKinds,
  make: {
    triggers: ({ triggers }, at) => triggers.arm(arming({ nextFireAt: at })),
    policy_jobs: ({ policyJobs }, at) => policyJobs.enqueue(policyJob({ availableAt: at })),
    graph_jobs: ({ graphJobs }, at) => graphJobs.insert(graphJob({ availableAt: at })),
  },
  over: async ({ policyJobs }, at) => {
    const { id } = (await policyJobs.enqueue(policyJob({ availableAt: at }))).job;
    await policyJobs.transition({ id, from: "queued", to: "canceled", at: noon });
  },
  beside: ({ stored, due }) => {
    it("dueTenants: no trigger that rests", async () => {
      await stored("resting", ({ triggers }) => triggers.arm(arming({ nextFireAt: null })));
      expect(await due("triggers", minute(60), 10)).toEqual([]);
    });

    it("dueTenants: jobs that are available in any rank, and those whose lease has run out", async () => {
      const priorities = { high: "high", normal: "normal", emergency: "emergency" } as const;
      for (const [tenant, priority] of Object.entries(priorities))
        await stored(tenant, ({ policyJobs }) => policyJobs.enqueue(policyJob({ priority, at: minute(-2) })));
      await stored("later", ({ policyJobs }) => policyJobs.enqueue(policyJob({ availableAt: minute(1) })));
      expect(await due("policy_jobs", noon, 10)).toEqual(["emergency", "high", "normal"]);
      expect(await due("graph_jobs", noon, 10)).toEqual([]);
      const take = claim({ at: minute(-1), until: minute(3) });
      await stored("high", ({ policyJobs }) => policyJobs.claim(take));
      expect(await due("policy_jobs", noon, 10)).toEqual(["emergency", "normal"]);
      expect(await due("policy_jobs", minute(3), 10)).toEqual(["emergency", "normal", "later", "high"]);
      await stored("high", ({ policyJobs }) => policyJobs.requeueExpired(minute(3), 10));
      expect(await due("policy_jobs", minute(3), 10)).toEqual(["emergency", "high", "normal", "later"]);
    });

    it("dueTenants: graph jobs, likewise", async () => {
      await stored("b", ({ graphJobs }) => graphJobs.insert(graphJob({ at: minute(-2) })));
      await stored("a", ({ graphJobs }) => graphJobs.insert(graphJob({ at: minute(-1) })));
      expect(await due("graph_jobs", noon, 10)).toEqual(["b", "a"]);
      await stored("b", ({ graphJobs }) => graphJobs.claim(claim({ at: noon, until: minute(1) })));
      expect(await due("graph_jobs", noon, 10)).toEqual(["a"]);
      expect(await due("graph_jobs", minute(1), 10)).toEqual(["a", "b"]);
    });
  },
});
