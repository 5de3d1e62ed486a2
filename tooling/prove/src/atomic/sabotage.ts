import type { AuthorityRepositories } from "@stellaops/authority";
import type { RunOptions, Scope } from "@stellaops/cutover";
import { codeOf } from "@stellaops/kernel";
import type { SchedulerRepositories } from "@stellaops/scheduler";
import { overridden } from "../overridden.ts";
import type { Place } from "./job.ts";

interface Sabotage<R> {
  readonly breaks: string;
  readonly place: Place;
  /** Which are tried: what holds for all of them need not be tried again. */
  readonly scenes: readonly string[];
  /** The repositories as the callers see them. Without it something else is broken. */
  readonly change?: (repositories: R) => Partial<R>;
}

type Sabotages<R> = Readonly<Record<string, Sabotage<R>>>;

const hourMs = 3_600_000;
const later = (at: Date): Date => new Date(at.getTime() + hourMs);
/** Every so-manieth call. */
const each = (n: number): (() => boolean) => {
  let calls = 0;
  return () => (calls += 1) % n === 0;
};
const [tenthUse, fourthRun, secondClaim] = [each(10), each(4), each(2)];

/** Every second lease is asked for by a clock that is an hour ahead. */
const ahead = <T extends { readonly at: Date; readonly until: Date }>(lease: T): T =>
  secondClaim() ? { ...lease, at: later(lease.at), until: later(lease.until) } : lease;

/** A refusal is taken for a success. */
const unless = (code: string, answer: () => unknown) => (error: unknown) => {
  if (codeOf(error) === code) return answer() as never;
  throw error;
};

const authority: Sabotages<AuthorityRepositories> = {
  "two-winners": {
    breaks: "a token is read first, and given to everyone who has read it as valid",
    place: "mongo",
    scenes: ["redeem"],
    change: ({ tokens }) => ({
      tokens: overridden(tokens, {
        async redeemOnce(redemption) {
          const seen = await tokens.findByReference(redemption.referenceHash);
          const told = await tokens.redeemOnce(redemption);
          return seen?.status === "valid" ? { token: seen, refused: null } : told;
        },
      }),
    }),
  },
  "beyond-limit": {
    breaks: "what is refused because the limit is reached is granted",
    place: "postgres",
    scenes: ["consume"],
    change: ({ licenses }) => ({
      licenses: overridden(licenses, {
        consume: (asked) => licenses.consume(asked).catch(unless("LICENSE_EXHAUSTED", () => ({ used: 60n, left: 0n }))),
      }),
    }),
  },
  "forgotten-use": {
    breaks: "every tenth use of a license is acknowledged and not counted",
    place: "mongo",
    scenes: ["consume"],
    change: ({ licenses }) => ({
      licenses: overridden(licenses, {
        consume: (asked) => (tenthUse() ? Promise.resolve({ used: asked.n, left: 1n }) : licenses.consume(asked)),
      }),
    }),
  },
  "late-lockout": {
    breaks: "a user is locked one failure after the threshold",
    place: "postgres",
    scenes: ["lockout"],
    change: ({ users }) => ({
      users: overridden(users, {
        recordFailure: (user, rule, at) => users.recordFailure(user, { ...rule, threshold: rule.threshold + 1 }, at),
      }),
    }),
  },
};

const scheduler: Sabotages<SchedulerRepositories> = {
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

const all: Readonly<Record<string, Omit<Sabotage<never>, "change">>> = { ...authority, ...scheduler };

export const sabotages: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(all).map(([kind, { breaks }]) => [kind, breaks]),
);

/** What is tried, and where; null: everything everywhere. */
export const trialOf = (kind: string | null): Pick<Sabotage<never>, "place" | "scenes"> | null =>
  kind === null ? null : (all[kind] ?? null);

export const sabotagedAuthority = (kind: string | null, scope: Scope<AuthorityRepositories>) =>
  broken(scope, authority[kind ?? ""]?.change);

export const sabotagedScheduler = (kind: string | null, scope: Scope<SchedulerRepositories>) =>
  broken(scope, scheduler[kind ?? ""]?.change);

/** Single verbs and those of units alike. */
function broken<R extends object>(scope: Scope<R>, change: Sabotage<R>["change"]): Scope<R> {
  if (change === undefined) return scope;
  const transaction = <T>(work: (repositories: Readonly<R>) => Promise<T>, options?: RunOptions): Promise<T> =>
    scope.transaction((repositories) => work(overridden(repositories, change(repositories))), options);
  return overridden(scope, { ...change(scope), transaction } as unknown as Partial<Scope<R>>);
}
