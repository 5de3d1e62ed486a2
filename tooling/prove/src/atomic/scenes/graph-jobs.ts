import { setTimeout as wait } from "node:timers/promises";
import type { SchedulerRepositories } from "@stellaops/scheduler";
import type { Scene } from "../scene.ts";
import { everything } from "../stored.ts";
import { jobRefusals, judgeJobs, workOnJobs } from "./jobs.ts";

export const graphJobs: Scene<SchedulerRepositories> = {
  claim: "a graph job is held by one at a time, completed once, and its events say so",
  callers: 2,
  holds: "job",
  refusals: jobRefusals,
  least: { completed: 1 },
  prepare: async () => {},

  async work(caller) {
    const jobs = caller.scope.graphJobs;
    while (caller.going) {
      const id = caller.ids.next();
      await caller.call("insert", id, null, async () => {
        await jobs.insert({ id, kind: "build", payload: {}, correlationId: null, at: caller.now() });
        return null;
      });
      await workOnJobs(caller, jobs);
      await wait(caller.random.below(10));
    }
  },

  async judge(calls, { graphJobs: jobs }) {
    const stored = await everything((request) => jobs.list(request));
    const of = new Map(stored.map(({ id, attempts, status }) => [id, { attempts: Number(attempts), status }]));
    const held = judgeJobs(calls, of, "completed");
    const broken = stored.flatMap(({ id, attempts, events }) => {
      const claims = events.filter(({ status }) => status === "running").length;
      return claims === Number(attempts) ? [] : [`${id} was claimed ${attempts} times, and its events say ${claims}`];
    });
    return { broken: [...held.broken, ...broken], counts: held.counts };
  },
};
