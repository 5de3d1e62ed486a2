import type { SchedulerRepositories } from "@stellaops/scheduler";
import type { Plain } from "../call.ts";
import { answered } from "../rounds.ts";
import type { Scene } from "../scene.ts";

/** Nothing but claims of one job, until there are none: to count how often claimers are in each other's way. */
const asIds = (answer: Plain): readonly string[] => answer as readonly string[];

export const contention: Scene<SchedulerRepositories> = {
  claim: "claimers rarely collide",
  callers: 1,
  holds: null,
  refusals: [],
  prepare: async () => {},

  async work(caller) {
    for (let some = true; some;) {
      const at = caller.now();
      const until = new Date(at.getTime() + 600_000);
      const told = await caller.call("claim", "one", null, async () => {
        const claim = { limit: 1, holder: caller.name, at, until, claimId: caller.ids.next() };
        return (await caller.scope.policyJobs.claim(claim)).map(({ id }) => id);
      });
      some = "answer" in told && told.answer.length > 0;
    }
  },

  async judge(calls) {
    const claimed = answered(calls, asIds).flatMap(({ told }) => told);
    const twice = claimed.length - new Set(claimed).size;
    return { broken: twice > 0 ? [`${twice} jobs were given twice`] : [], counts: { claims: claimed.length } };
  },
};
