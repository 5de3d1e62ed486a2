import { setTimeout as wait } from "node:timers/promises";
import type { SchedulerRepositories } from "@stellaops/scheduler";
import type { Caller } from "../caller.ts";
import { judgeOnce } from "../once.ts";
import { byKey, idOf } from "../rounds.ts";
import type { Scene } from "../scene.ts";
import { everything } from "../stored.ts";
import { jobRefusals, judgeJobs, workOnJobs } from "./jobs.ts";

const priorities = ["emergency", "high", "normal"] as const;

export const policyJobs: Scene<SchedulerRepositories> = {
  claim: "asked for however often, a run has one job, which one holder at a time has and one completes",
  callers: 2,
  holds: "job",
  refusals: jobRefusals,
  least: { completed: 1 },
  prepare: async () => {},

  async work(caller) {
    for (let round = 0; caller.going;) {
      // A run that all ask for, or one of its own.
      if (caller.random.chance(0.5)) await enqueue(caller, idOf((round += 1)));
      else await enqueue(caller, caller.ids.next());
      await workOnJobs(caller, caller.scope.policyJobs);
      await wait(caller.random.below(10));
    }
  },

  async judge(calls, { policyJobs: jobs }) {
    const stored = await everything((request) => jobs.list(request));
    const of = new Map(stored.map(({ id, attempts, status }) => [id, { attempts: Number(attempts), status }]));
    const held = judgeJobs(calls, of, "succeeded");
    const asked = byKey(calls, "enqueue");
    const jobOf = new Map(stored.map(({ runId, id }) => [runId, id]));
    const broken = [...asked].flatMap(([run, own]) => judgeOnce(`the job of run ${run}`, own, jobOf.get(run)));
    if (jobOf.size < stored.length) broken.push(`${stored.length} jobs are stored for ${jobOf.size} runs`);
    return { broken: [...held.broken, ...broken], counts: { runs: asked.size, ...held.counts } };
  },
};

const enqueue = (caller: Caller<SchedulerRepositories>, runId: string) =>
  caller.call("enqueue", runId, null, async () => {
    const id = caller.ids.next();
    const priority = priorities[Number.parseInt(runId.slice(-1), 16) % 3] ?? "normal";
    const asked = { id, runId, mode: "full", priority, inputs: {}, at: caller.now() } as const;
    const { job, created } = await caller.scope.policyJobs.enqueue(asked);
    return { id: job.id, created };
  });
