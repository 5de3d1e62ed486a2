import { setTimeout as wait } from "node:timers/promises";
import { findingsOf, otherDatabase, type Database } from "@stellaops/cutover";
import { callersOf, type Callers } from "../brown-out/callers.ts";
import { sabotages } from "../brown-out/sabotage.ts";
import { serviceOf, type Service } from "../brown-out/service.ts";
import { falseAlarms, shadowedBy } from "../brown-out/shadowed.ts";
import { ways, type Way } from "../brown-out/ways.ts";
import type { Experiment, Outcome, Setting } from "../experiment.ts";
import { Durations } from "../percentiles.ts";
import { randomOf } from "../random.ts";
import { rigOf, type Rig } from "../rig.ts";

/** At full size. The small form sees a hundredth as many calls, whose p99 is a few of them: it allows for that, and says so in its row. */
const reach = 1.1;
const smallReach = 1.5;
const drainedWithinMs = 60_000;
const doubtfulRounds = 6;

/** Callers are timed in turns with the secondary there and away, so that what else the machine does meets both alike. */
export const brownOut: Experiment = {
  claim:
    "a secondary that is away delays no caller, loses nothing, and is brought up to date once it is back; every read is shadowed, which changes no answer, and lag is not told as a difference",
  full: "windows of 10 s with and without a secondary that hangs, is reset, 5 s late or stopped, 20 of each, both primaries",
  seconds: 40,
  sabotages,
  async run(setting) {
    const counts: Record<string, number | string> = {};
    const broken: string[] = [];
    const primaries = ["mongo", "postgres"] as const;
    const ends = performance.now() + setting.seconds * 1_000;
    for (const [index, primary] of primaries.entries()) {
      const left = (ends - performance.now()) / (primaries.length - index);
      const outcome = await onPrimary(setting, primary, performance.now() + left);
      for (const [name, count] of Object.entries(outcome.counts)) counts[`${primary} ${name}`] = count;
      broken.push(...outcome.broken.map((sentence) => `primary ${primary}: ${sentence}`));
    }
    return { counts, broken };
  },
};

async function onPrimary(setting: Setting, primary: Database, end: number): Promise<Outcome> {
  await using rig = await rigOf(setting.servers, primary);
  await using service = await serviceOf(rig, otherDatabase(primary), setting.sabotage);
  await rig.goTo(primary === "mongo" ? "shadow" : "live");
  const random = randomOf(setting.seed).fork(primary);
  const callers = callersOf(random);
  const { base, away, worstDrainMs, rounds } = await windows(setting, { rig, service, callers, primary, end });
  const findings = findingsOf(await rig.compare());
  const ratio = away.at(0.99) / base.at(0.99);
  const allowed = allowedBy(setting);
  const lost = await lostOf(service, callers);
  const shadowed = await shadowedBy(service, rig, primary);
  const broken = [
    ...callers.failed.slice(0, 5),
    ...callers.stale.slice(0, 5),
    ...lost.slice(0, 5),
    ...falseAlarms(shadowed),
    ...(findings > 0 ? [`${findings} keys differ between the databases after recovery`] : []),
    ...(ratio > allowed
      ? [
          `p99 of callers was ${away.at(0.99).toFixed(1)} ms while the secondary was away, ${ratio.toFixed(2)} times the ${base.at(0.99).toFixed(1)} ms with it there and no read shadowed (at most ${allowed})`,
        ]
      : []),
    ...(worstDrainMs > drainedWithinMs
      ? [`keys were still pending ${drainedWithinMs} ms after the secondary was back`]
      : []),
  ];
  return {
    counts: {
      rounds,
      calls: base.count + away.count,
      "p99 with": `${base.at(0.99).toFixed(1)} ms`,
      "p99 without": `${away.at(0.99).toFixed(1)} ms`,
      ratio: `${ratio.toFixed(2)} (at most ${allowed})`,
      "drained within": `${Math.round(worstDrainMs)} ms`,
      "stale reads": callers.stale.length,
      lost: lost.length,
      findings,
      shadowed: Object.entries(shadowed)
        .map(([name, count]) => `${name} ${count}`)
        .join(" "),
    },
    broken,
  };
}

interface Stage {
  readonly rig: Rig;
  readonly service: Service;
  readonly callers: Callers;
  readonly primary: Database;
  readonly end: number;
}

const allowedBy = ({ full }: Setting): number => (full ? reach : smallReach);

/** Every way once a round; at least one round, and further ones while there is time, or while a busy machine leaves it in doubt. */
async function windows(setting: Setting, { rig, service, callers, primary, end }: Stage) {
  const [base, away] = [new Durations(), new Durations()];
  const windowMs = setting.full ? 10_000 : 1_000;
  const most = setting.full ? 20 : Number.POSITIVE_INFINITY;
  let [worstDrainMs, rounds] = [0, 0];
  const without = async (way: Way, milliseconds: number, durations: Durations): Promise<number> => {
    await gone(service, way, () => callers.window(service.module, milliseconds, durations));
    const drainMs = await drained(rig, primary, setting.log);
    worstDrainMs = Math.max(worstDrainMs, drainMs);
    return drainMs;
  };
  // Connections, statements and code are warm before anything is timed, also what runs only while the secondary is away.
  for (const module of [service.plain, service.module]) await callers.window(module, windowMs, new Durations());
  for (const way of Object.values(ways)) await without(way, windowMs / 4, new Durations());
  const doubtful = (): boolean => {
    const excess = away.at(0.99) / base.at(0.99) / allowedBy(setting);
    return rounds < doubtfulRounds && excess > 1 && excess < 3;
  };
  for (let took = 0; rounds < most && (rounds === 0 || performance.now() + took < end || doubtful()); rounds += 1) {
    const begun = performance.now();
    for (const [name, way] of Object.entries(ways)) {
      setting.signal.throwIfAborted();
      await callers.window(service.plain, windowMs, base);
      const drainMs = await without(way, windowMs, away);
      setting.log(`  ${primary}, ${name}: ${away.told()} against ${base.told()}, drained in ${Math.round(drainMs)} ms`);
    }
    took = performance.now() - begun;
  }
  return { base, away, worstDrainMs, rounds };
}

async function gone({ proxy }: Service, way: Way, work: () => Promise<void>): Promise<void> {
  const back = new AbortController();
  const taking = way(proxy, back.signal);
  try {
    await work();
  } finally {
    back.abort();
    await taking;
    proxy.mend();
  }
}

/** Milliseconds from the recovery until nothing is pending; more than may be, when something still is. */
async function drained({ replicas, sql, mongo }: Rig, primary: Database, log: Setting["log"]): Promise<number> {
  const begun = performance.now();
  const refusals = async (): Promise<readonly object[]> =>
    primary === "postgres"
      ? sql("select aggregate, id, refusal from cutover.register where refusal is not null limit 3")
      : mongo.db
          .collection("register")
          .find({ refusal: { $type: "string" } })
          .limit(3)
          .toArray();
  let told = false;
  for (;;) {
    const { pending, parked } = await replicas[primary].backlog();
    const took = performance.now() - begun;
    if (pending + parked === 0 || took > drainedWithinMs) return took;
    if (parked > 0 && !told)
      for (const refusal of await refusals()) log(`  set aside: ${JSON.stringify(refusal, texts)}`);
    told ||= parked > 0;
    await wait(20);
  }
}

const texts = (_: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);

async function lostOf({ module }: Service, { acknowledged }: Callers): Promise<readonly string[]> {
  const { advisories } = module.tenant("acme");
  const lost: string[] = [];
  for (const [id, revision] of acknowledged) {
    const found = await advisories.get(id);
    if ((found?.revision ?? 0n) < revision) lost.push(`${id} was acknowledged at revision ${revision} and is gone`);
  }
  return lost;
}
