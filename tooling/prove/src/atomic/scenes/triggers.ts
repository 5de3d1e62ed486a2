import { setTimeout as wait } from "node:timers/promises";
import { firingOf, type Schedule, type SchedulerRepositories } from "@stellaops/scheduler";
import type { Call, Plain } from "../call.ts";
import type { Caller, Told } from "../caller.ts";
import { givenOf, type Claimed } from "../claimed.ts";
import { fasterBy } from "../fast.ts";
import { judgeHolds, type Used } from "../holds.ts";
import { answered, idOf, outcomeOf } from "../rounds.ts";
import type { Scene } from "../scene.ts";
import { everything } from "../stored.ts";

/** Time goes faster here, so that a schedule fires several times a second. */
const speed = 60;
const everyMs = 30_000;
const leaseMs = 1_000 * speed;
const scheduleCount = 3;
const rule = { cron: "*/30 * * * * *", timezone: "UTC", misfire: "fire_each", misfireGraceSeconds: 86_400 } as const;

const fast = fasterBy(speed);

interface Due extends Claimed {
  readonly schedule: string;
  readonly due: number;
}
type Fired = readonly number[];

const asFired = (answer: Plain): Fired => answer as Fired;

export const triggers: Scene<SchedulerRepositories> = {
  claim: "a schedule fires each of its times once, and misses none",
  callers: 1,
  holds: "trigger",
  refusals: ["CLAIM_LOST"],
  least: { fired: 1 },

  async prepare({ schedules, triggers: table }, now) {
    const start = fast(now);
    const nextFireAt = new Date(Math.ceil(start.getTime() / everyMs) * everyMs);
    for (let n = 1; n <= scheduleCount; n += 1) {
      await schedules.put(scheduleOf(n, start), 0n);
      await table.arm({ id: idOf(n), scheduleId: idOf(n), nextFireAt, at: start });
    }
  },

  async work(caller) {
    // Until one firing went through in any case: what was not tried has not been shown.
    for (let fired = false; caller.going || !fired;) {
      const at = fast(caller.now());
      const until = new Date(at.getTime() + leaseMs);
      const told = await caller.call("claim", "due", { at: at.getTime(), until: until.getTime() }, async () => {
        const limit = 1 + caller.random.below(2);
        const claim = { limit, holder: caller.name, at, until, claimId: caller.ids.next() };
        return (await caller.scope.triggers.claimDue(claim)).map(({ id, attempts, scheduleId, nextFireAt }) => ({
          id,
          attempt: Number(attempts),
          schedule: scheduleId,
          due: nextFireAt?.getTime() ?? 0,
        }));
      });
      for (const one of "answer" in told ? told.answer : []) {
        caller.holds("trigger");
        // Now and then longer than the lease.
        await wait(caller.random.chance(0.05) ? (1.5 * leaseMs) / speed : caller.random.below(20));
        if (caller.random.chance(0.95)) fired = "answer" in (await fire(caller, one)) || fired;
      }
      await wait(caller.random.below(20));
    }
  },

  async judge(calls, { runs, triggers: table }) {
    const held = judgeHolds({ given: givenOf(calls), used: calls.flatMap(usedOf) });
    const broken = [...held.broken];
    const created = answered(
      calls.filter(({ verb }) => verb === "fire"),
      asFired,
    );
    let fired = 0;
    for (let n = 1; n <= scheduleCount; n += 1) {
      const trigger = await table.findBySchedule(idOf(n));
      const stored = await everything((request) => runs.listBySchedule(idOf(n), request));
      const times = stored
        .flatMap(({ fireAt }) => (fireAt === null ? [] : [fireAt.getTime()]))
        .toSorted((a, b) => a - b);
      fired += times.length;
      broken.push(...judgeTimes(n, times, trigger?.nextFireAt ?? null));
      const told = created.filter(({ key }) => key === idOf(n)).flatMap((call) => call.told);
      if (new Set(told).size < told.length) broken.push(`schedule ${n}: a run of one fire time was made twice`);
    }
    return { broken, counts: { fired, "refused to late claimers": held.late } };
  },
};

/** One unit of work: the runs, and the end of the claim. Gives the fire times whose run was made here. */
async function fire(caller: Caller<SchedulerRepositories>, { id, attempt, schedule, due }: Due): Promise<Told<Fired>> {
  const at = fast(caller.now());
  const firing = firingOf(rule, new Date(due), at);
  return caller.call("fire", schedule, { id, attempt }, () =>
    caller.scope.transaction(async ({ runs, triggers: table }): Promise<Fired> => {
      const made: number[] = [];
      for (const fireAt of firing.fires) {
        const why = { triggerKind: "cron", reason: {}, retryOf: null } as const;
        const { created } = await runs.start({ id: caller.ids.next(), scheduleId: schedule, fireAt, ...why, at });
        if (created) made.push(fireAt.getTime());
      }
      await table.advance({ id, holder: caller.name, attempt: BigInt(attempt) }, firing, at);
      return made;
    }),
  );
}

/** Told by counting, and not by the library that computed them. */
function judgeTimes(n: number, times: readonly number[], next: Date | null): readonly string[] {
  const [first] = times;
  if (first === undefined) return [];
  if (next === null) return [`schedule ${n} does not fire any more`];
  const broken: string[] = [];
  for (const [i, time] of times.entries()) {
    const expected = first + i * everyMs;
    if (time === expected) continue;
    broken.push(`schedule ${n}: ${new Date(expected).toISOString()} has no run of its own`);
    break;
  }
  const last = first + (times.length - 1) * everyMs;
  if (broken.length === 0 && next.getTime() !== last + everyMs)
    broken.push(`schedule ${n} fired last at ${new Date(last).toISOString()}, and goes on at ${next.toISOString()}`);
  return broken;
}

function usedOf(call: Call): readonly Used[] {
  const { verb, by, args, begun } = call;
  if (verb !== "fire") return [];
  const { id, attempt } = args as unknown as Claimed;
  return [{ key: id, number: attempt, by, verb, begun, outcome: outcomeOf(call), freeFrom: 0 }];
}

const scheduleOf = (n: number, now: Date): Schedule => ({
  id: idOf(n),
  name: `schedule ${n}`,
  enabled: true,
  ...rule,
  mode: "analysis_only",
  selection: {},
  onlyIf: null,
  notify: null,
  limits: null,
  subscribers: [],
  createdBy: "prove",
  updatedBy: "prove",
  deletedAt: null,
  deletedBy: null,
  createdAt: now,
  updatedAt: now,
});
