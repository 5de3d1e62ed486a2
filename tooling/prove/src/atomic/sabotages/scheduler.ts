import type { SchedulerRepositories } from "@stellaops/scheduler";
import { overridden } from "../../overridden.ts";
import { aheadOf, each, later, unless } from "../breaking.ts";
import type { Sabotages } from "../scene.ts";

const fourthRun = each(4);
const ahead = aheadOf();

export const scheduler: Sabotages<SchedulerRepositories> = {
  "job-for-two": {
    breaks: "who claims a policy job first takes back those whose leases still run",
    place: "mongo",
    scenes: ["policy-jobs"],
    change: ({ policyJobs }) => ({
      policyJobs: overridden(policyJobs, {
        claim: (request) => policyJobs.requeueExpired(later(request.at), 100).then(() => policyJobs.claim(request)),
      }),
    }),
  },
  "graph-job-for-two": {
    breaks: "who claims a graph job first takes back those whose leases still run",
    place: "postgres",
    scenes: ["graph-jobs"],
    change: ({ graphJobs }) => ({
      graphJobs: overridden(graphJobs, {
        claim: (request) => graphJobs.requeueExpired(later(request.at), 100).then(() => graphJobs.claim(request)),
      }),
    }),
  },
  "late-complete": {
    breaks: "whoever has lost a job is told that it is completed",
    place: "postgres",
    scenes: ["policy-jobs"],
    change: ({ policyJobs }) => ({
      policyJobs: overridden(policyJobs, {
        complete: (ref, done) => policyJobs.complete(ref, done).catch(unless("CLAIM_LOST", () => null)),
      }),
    }),
  },
  "second-job": {
    breaks: "asking for a job makes a new one, whichever run it is for",
    place: "postgres",
    scenes: ["policy-jobs"],
    change: ({ policyJobs }) => ({
      policyJobs: overridden(policyJobs, { enqueue: (job) => policyJobs.enqueue({ ...job, runId: job.id }) }),
    }),
  },
  "trigger-for-two": {
    breaks: "every second claim of triggers takes them as if their leases had run out",
    place: "postgres",
    scenes: ["triggers"],
    change: ({ triggers }) => ({
      triggers: overridden(triggers, { claimDue: (request) => triggers.claimDue(ahead(request)) }),
    }),
  },
  "missed-firing": {
    breaks: "a trigger goes on without a run for some of its fire times",
    place: "mongo",
    scenes: ["triggers"],
    change: ({ runs }) => ({
      runs: overridden(runs, {
        start: (run) => (fourthRun() ? Promise.resolve({ run: null as never, created: true }) : runs.start(run)),
      }),
    }),
  },
  "lock-for-two": {
    breaks: "every second taker has a lock as if its lease had run out",
    place: "postgres",
    scenes: ["locks"],
    change: ({ locks }) => ({
      locks: overridden(locks, { acquire: (asked) => locks.acquire(ahead(asked)) }),
    }),
  },
  "token-again": {
    breaks: "released locks are deleted, so that their tokens begin again",
    place: "mongo",
    scenes: ["locks"],
  },
  "older-token": {
    breaks: "a token that another has overtaken is renewed",
    place: "mongo",
    scenes: ["locks"],
    change: ({ locks }) => ({ locks: overridden(locks, { renew: (held) => locks.renew(held).then(() => true) }) }),
  },
  "illegal-move": {
    breaks: "a move that no run makes is made",
    place: "postgres",
    scenes: ["transitions"],
    change: ({ runs }) => ({
      runs: overridden(runs, {
        transition: (move) => runs.transition(move).catch(unless("RUN_TRANSITION", () => ({ state: move.to }))),
      }),
    }),
  },
  "two-movers": {
    breaks: "who finds a run in another state is told that it has moved it",
    place: "mongo",
    scenes: ["transitions"],
    change: ({ runs }) => ({
      runs: overridden(runs, {
        transition: async (move) => (await runs.transition(move)) ?? ({ state: move.to } as never),
      }),
    }),
  },
  "no-drain": {
    breaks: "nothing is applied to the other database, and a move of the primary does not wait for it",
    place: "live",
    scenes: ["locks", "policy-jobs", "consume"],
  },
};
