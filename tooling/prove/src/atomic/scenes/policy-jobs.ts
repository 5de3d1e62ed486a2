import { setTimeout as wait } from "node:timers/promises";
import type { SchedulerRepositories } from "@stellaops/scheduler";
import type { Call, Plain } from "../call.ts";
import type { Caller } from "../caller.ts";
import { answered, byKey, idOf, open } from "../rounds.ts";
import type { Scene } from "../scene.ts";
import { everything } from "../stored.ts";
import { jobRefusals, judgeJobs, workOnJobs } from "./jobs.ts";

type Told = { readonly id: string; readonly created: boolean };
const priorities = ["emergency", "high", "normal"] as const;

const asTold = (answer: Plain): Told => answer as Told;

export const policyJobs: Scene<SchedulerRepositories> = {
  claim: "asked for however often, a run has one job, which one holder at a time has and one completes",
  callers: 2,
  holds: "job",
  refusals: jobRefusals,
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
    const broken = [...asked].flatMap(([run, own]) => judgeRun(run, own, jobOf.get(run)));
    if (jobOf.size < stored.length) broken.push(`${stored.length} jobs are stored for ${jobOf.size} runs`);
    return { broken: [...held.broken, ...broken], counts: { runs: asked.size, ...held.counts } };
  },
};

const enqueue = (caller: Caller<SchedulerRepositories>, runId: string) =>
  caller.call("enqueue", runId, null, async (): Promise<Told> => {
    const id = caller.ids.next();
    const priority = priorities[Number.parseInt(runId.slice(-1), 16) % 3] ?? "normal";
    const asked = { id, runId, mode: "full", priority, inputs: {}, at: caller.now() } as const;
    const { job, created } = await caller.scope.policyJobs.enqueue(asked);
    return { id: job.id, created };
  });

function judgeRun(run: string, calls: readonly Call[], stored: string | undefined): readonly string[] {
  const told = answered(calls, asTold).map((call) => call.told);
  const jobs = new Set(told.map(({ id }) => id));
  const created = told.filter((one) => one.created).length;
  const broken: string[] = [];
  if (jobs.size > 1) broken.push(`run ${run} was told of ${jobs.size} jobs`);
  if (created > 1) broken.push(`the job of run ${run} was made ${created} times`);
  if (created === 0 && told.length > 0 && open(calls).length === 0) broken.push(`nobody made the job of run ${run}`);
  if (told.length > 0 && (stored === undefined || !jobs.has(stored)))
    broken.push(`run ${run} was told of job ${[...jobs].join(", ")}, and ${stored ?? "none"} is stored`);
  return broken;
}
