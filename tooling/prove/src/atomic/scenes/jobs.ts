import { setTimeout as wait } from "node:timers/promises";
import type { ClaimRequest, Claims, Failure } from "@stellaops/kernel";
import type { Call } from "../call.ts";
import type { Caller } from "../caller.ts";
import { givenOf, type Claimed } from "../claimed.ts";
import { judgeHolds, type Freed, type Given, type Used } from "../holds.ts";
import { open, outcomeOf } from "../rounds.ts";
import type { Verdict } from "../scene.ts";

type Ref = Parameters<Claims<never>["heartbeat"]>[0];
interface Job {
  readonly id: string;
  readonly attempts: bigint;
}

/** What job queues have in common. */
export interface Queue {
  claim(request: ClaimRequest): Promise<readonly Job[]>;
  heartbeat(ref: Ref, lease: { readonly at: Date; readonly until: Date }): Promise<unknown>;
  complete(ref: Ref, done: { readonly at: Date }): Promise<unknown>;
  fail(ref: Ref, failure: Failure): Promise<unknown>;
  requeueExpired(at: Date, limit: number): Promise<number>;
}

interface UseArgs {
  readonly attempt: number;
  readonly until?: number;
  readonly freeFrom?: number;
}

const leaseMs = 400;
export const jobRefusals = ["CLAIM_LOST"];

/** Claims a few jobs, works on each for a while, and ends it, tries it again later, or forgets about it. */
export async function workOnJobs<R>(caller: Caller<R>, queue: Queue): Promise<void> {
  const at = caller.now();
  const until = new Date(at.getTime() + leaseMs);
  if (caller.random.chance(0.1))
    await caller.call("requeue", "all", { at: at.getTime() }, () => queue.requeueExpired(at, 100));
  const limit = 1 + caller.random.below(4);
  const told = await caller.call("claim", "some", { at: at.getTime(), until: until.getTime() }, async () => {
    const jobs = await queue.claim({ limit, holder: caller.name, at, until, claimId: caller.ids.next() });
    return jobs.map(({ id, attempts }) => ({ id, attempt: Number(attempts) }));
  });
  if ("refused" in told) return;
  for (const job of told.answer) {
    caller.holds("job");
    await workOn(caller, queue, job);
  }
}

async function workOn<R>(caller: Caller<R>, queue: Queue, { id, attempt }: Claimed): Promise<void> {
  const { random } = caller;
  const ref: Ref = { id, holder: caller.name, attempt: BigInt(attempt) };
  // Now and then longer than the lease: the holder does not know that another has the job.
  await wait(random.chance(0.05) ? leaseMs * 1.5 : random.below(10));
  if (random.chance(0.2)) {
    const at = caller.now();
    const until = new Date(at.getTime() + leaseMs);
    await use(caller, "heartbeat", id, { attempt, until: until.getTime() }, () => queue.heartbeat(ref, { at, until }));
    await wait(random.below(10));
  }
  const at = caller.now();
  if (random.chance(0.7)) await use(caller, "complete", id, { attempt }, () => queue.complete(ref, { at }));
  else if (random.chance(0.8)) {
    const retryAt = new Date(at.getTime() + random.below(200));
    const failure = { error: "tried", at, retryAt };
    await use(caller, "fail", id, { attempt, freeFrom: retryAt.getTime() }, () => queue.fail(ref, failure));
  }
}

const use = <R>(
  caller: Caller<R>,
  verb: string,
  id: string,
  { attempt, ...more }: UseArgs,
  work: () => Promise<unknown>,
) => caller.call(verb, id, { attempt, ...more }, () => work().then(() => null));

export interface StoredJob {
  readonly attempts: number;
  readonly status: string;
}

/** Each job had one holder at a time, and what was told is what is stored. */
export function judgeJobs(calls: readonly Call[], stored: ReadonlyMap<string, StoredJob>, done: string): Verdict {
  const given = givenOf(calls);
  const used = calls.flatMap((call) => usedOf(call));
  const freed = calls.filter(({ verb }) => verb === "requeue").map(freedOf);
  const held = judgeHolds({ given, used, freed });
  const broken = [...held.broken];
  for (const { key, number, outcome, verb } of used) {
    const is = stored.get(key);
    if (verb !== "complete" || outcome !== "done" || (is?.status === done && is.attempts === number)) continue;
    broken.push(`${key} was completed in attempt ${number}, and is stored as ${is?.status} in ${is?.attempts}`);
  }
  const claims = calls.filter(({ verb }) => verb === "claim");
  for (const [key, own] of Map.groupBy(given, (one) => one.key)) {
    const most = Math.max(...own.map(({ number }) => number));
    const attempts = stored.get(key)?.attempts ?? 0;
    if (attempts < most) broken.push(`${key} was given as attempt ${most}, and ${attempts} are stored`);
    // An attempt that nobody was told of belongs to a claim that nobody was told of, or whose lease was over before it could tell.
    if (attempts > own.length && open(claims).length === 0 && !claims.some(outlasted))
      broken.push(`${key} has ${attempts} attempts, and ${own.length} were given`);
  }
  const completed = used.filter(({ verb, outcome }) => verb === "complete" && outcome === "done").length;
  return { broken, counts: { claims: given.length, completed, "refused to late holders": held.late } };
}

const outlasted = ({ args, begun, end }: Call): boolean => {
  const { at, until } = args as unknown as Pick<Given, "at" | "until">;
  return end !== null && end.at - begun >= (until - at) * 1_000;
};

const uses = ["heartbeat", "complete", "fail"];
function usedOf(call: Call): readonly Used[] {
  const { verb, key, by, args, begun } = call;
  if (!uses.includes(verb)) return [];
  const { attempt, ...more } = args as unknown as UseArgs;
  const final = verb === "complete" ? { final: true, freeFrom: 0 } : {};
  return [{ key, number: attempt, by, verb, begun, outcome: outcomeOf(call), ...more, ...final }];
}

const freedOf = ({ args, begun }: Call): Freed => ({ ...(args as unknown as Pick<Freed, "at">), begun });
