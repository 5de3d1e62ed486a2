import { systemClock, uuidV7 } from "@stellaops/kernel";
import type { SchedulerRepositories } from "@stellaops/scheduler";
import type { Plain } from "../call.ts";
import { answered } from "../rounds.ts";
import type { Scene } from "../scene.ts";

/** That are there each time. */
export const jobs = 160;
/** Of one unit; a unit on a live source is short. */
const together = 20;

const asIds = (answer: Plain): readonly string[] => answer as readonly string[];

/** Nothing but claims of one job, until there are none: to count how often claimers are in each other's way. */
export const contention: Scene<SchedulerRepositories> = {
  claim: "claimers rarely collide",
  callers: 1,
  holds: null,
  refusals: [],
  least: {},
  measured: true,

  async prepare(scope, now) {
    const ids = uuidV7(systemClock);
    for (let done = 0; done < jobs; done += together)
      await scope.transaction(async ({ policyJobs }) => {
        for (let i = 0; i < together; i += 1) {
          const [id, runId] = [ids.next(), ids.next()];
          await policyJobs.enqueue({ id, runId, mode: "full", priority: "normal", inputs: {}, at: now });
        }
      });
  },

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
