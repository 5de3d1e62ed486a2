import { setTimeout as wait } from "node:timers/promises";
import { findingsOf, stages, type Stage, type StageView } from "@stellaops/cutover";
import { familyOf } from "@stellaops/kernel";
import { sabotages, seamsOf } from "../churn/sabotage.ts";
import { stampOf } from "../churn/stamp.ts";
import { units, type Unit } from "../churn/units.ts";
import type { Experiment, Outcome, Setting } from "../experiment.ts";
import { randomOf, type Random } from "../random.ts";
import { rigOf, type Rig } from "../rig.ts";

const everyMs = 100;
const callers = 8;

export const churn: Experiment = {
  claim: "no unit of work straddles two stages, however often the stage changes",
  full: `a flip every ${everyMs} ms for 10 minutes`,
  seconds: 10,
  sabotages,
  run,
};

async function run({ servers, seed, seconds, full, sabotage, signal }: Setting): Promise<Outcome> {
  await using rig = await rigOf(servers, "mongo");
  await using first = await rig.open({ seams: seamsOf(sabotage), connections: 12 });
  await using second = await rig.open({ seams: seamsOf(sabotage), connections: 12 });
  await rig.goTo("shadow");
  const random = randomOf(seed);
  const failures: string[] = [];
  const deadline = performance.now() + (full && !Number.isFinite(seconds) ? 600 : seconds) * 1_000;
  const going = (): boolean => !signal.aborted && performance.now() < deadline;
  const [views, ...all] = await Promise.all([
    flip(rig, random.fork("flips"), going),
    ...Array.from({ length: callers }, (_, i) =>
      units({
        module: (i % 2 === 0 ? first : second).module,
        random: random.fork(i),
        seed: seed * callers + i,
        going,
        failed: (error) => void failures.push(`a unit failed: ${String(error)}`),
      }),
    ),
  ]);
  const done = all.flat();
  const broken = [...(await straddling(rig, done, views)), ...failures];
  await drained(rig);
  const differing = findingsOf(await rig.compare());
  if (differing > 0) broken.push(`${differing} rows differ between the two databases at the end`);
  const acknowledged = done.filter((unit) => unit.acknowledged).length;
  if (acknowledged === 0) broken.push("no unit was stored");
  return { counts: { units: done.length, acknowledged, entries: acknowledged * 4, flips: views.length - 1 }, broken };
}

const near: Readonly<Partial<Record<Stage, readonly Stage[]>>> = {
  "dual-write": ["shadow"],
  shadow: ["live", "live", "dual-write"],
  live: ["shadow", "shadow", "ramp-down"],
  "ramp-down": ["live"],
};

/** Every stage that was settled, the first one too. */
async function flip(rig: Rig, random: Random, going: () => boolean): Promise<readonly StageView[]> {
  const views = [await rig.view()];
  while (going()) {
    const begun = performance.now();
    const at = await rig.view();
    if (at.epoch !== views.at(-1)?.epoch) views.push(at);
    try {
      views.push(await rig.step(random.pick(near[at.stage] ?? ["shadow"])));
    } catch (error) {
      // Too busy for its deadlines: the change was taken back, under an epoch of its own.
      if (familyOf(error) !== "transient" && familyOf(error) !== "refused") throw error;
    }
    await wait(Math.max(0, everyMs - (performance.now() - begun)));
  }
  const last = await rig.view();
  return last.epoch === views.at(-1)?.epoch ? views : [...views, last];
}

/** A unit is there whole or not at all, and all of it was written by one database under one epoch, of which that database was the primary. */
async function straddling(rig: Rig, done: readonly Unit[], views: readonly StageView[]): Promise<readonly string[]> {
  const { primary } = await rig.view();
  const stamps = new Map<string, string>();
  if (primary === "postgres")
    for (const { id, name } of await rig.sql("select id::text, name from vuln.sources"))
      stamps.set(String(id), String(name));
  else
    for await (const { id, name } of rig.mongo.db.collection("sources").find({})) stamps.set(String(id), String(name));
  const known = new Set(views.map(({ stage, epoch }) => stampOf(stages[stage].primary, epoch)));
  return done.flatMap(({ ids, acknowledged }): readonly string[] => {
    const [unit] = ids;
    const there = ids.flatMap((id) => stamps.get(id) ?? []);
    if (there.length === 0) return acknowledged ? [`unit ${unit}: acknowledged, and not there`] : [];
    if (there.length < ids.length) return [`unit ${unit}: ${there.length} of its ${ids.length} entries are there`];
    const [stamp = "", ...others] = new Set(there);
    if (others.length > 0) return [`unit ${unit}: written under ${[stamp, ...others].join(" and ")}`];
    return known.has(stamp) ? [] : [`unit ${unit}: written under ${stamp}, which was never settled`];
  });
}

/** The services are still there, and apply what is pending. */
async function drained(rig: Rig): Promise<void> {
  const { primary } = await rig.view();
  for (let left = 300; left > 0; left -= 1) {
    if ((await rig.replicas[primary].backlog()).pending === 0) return;
    await wait(100);
  }
}
