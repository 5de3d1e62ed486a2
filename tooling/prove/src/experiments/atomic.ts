import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findingsOf } from "@stellaops/cutover";
import { Crew } from "../atomic/crew.ts";
import { disturb } from "../atomic/disturb.ts";
import { flipping, type Flips } from "../atomic/flip.ts";
import { forgetLocks } from "../atomic/forget.ts";
import type { Place } from "../atomic/job.ts";
import { judge } from "../atomic/judge.ts";
import { measureConflicts } from "../atomic/measure.ts";
import { callersOf, holdingsOf, leastOf, modulesOf, sabotages, trialOf } from "../atomic/chosen.ts";
import { openPlace, prepare, rigsOf, type OpenPlace, type Rigs } from "../atomic/place.ts";
import { Workers } from "../atomic/processes.ts";
import type { Verdict } from "../atomic/scene.ts";
import type { Experiment, Outcome, Setting } from "../experiment.ts";
import { idle } from "../flips/sabotage.ts";
import { randomOf } from "../random.ts";

const processes = 4;
/** Of the time, by place. */
const shares: Readonly<Record<Place, number>> = { mongo: 0.25, postgres: 0.25, live: 0.5 };
const fullSeconds = 3_600;

export const atomic: Experiment = {
  claim:
    "what only one may get, one gets: tokens, uses of a license, lockouts, jobs, firings, locks, moves, deliveries, digests, events of an incident, acknowledgements, what a window lets pass, decisions, the profile in force; asked for by processes that die and sleep, on either database and while the primary moves",
  full: `an hour, ${processes} processes`,
  seconds: 14,
  sabotages,
  run,
};

async function run(setting: Setting): Promise<Outcome> {
  const { servers, sabotage, seed } = setting;
  const { place: only, scenes = null } = trialOf(sabotage) ?? {};
  const callers = callersOf(scenes);
  const modules = modulesOf(Object.keys(callers));
  const folder = await mkdtemp(join(tmpdir(), "stella-atomic-"));
  await using parts = new AsyncDisposableStack();
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const workers = parts.use(new Workers(processes));
  const seams = sabotage === "no-drain" ? { replicas: idle } : {};
  const verdicts: Verdict[] = [];
  if (only !== "live") {
    const rigs = parts.use(await rigsOf(servers, modules, null));
    for (const place of ["mongo", "postgres"] as const) {
      if (place !== (only ?? place)) continue;
      await using open = await openPlace({ place, rigs, folder, seams });
      verdicts.push(await tryAt(open, { ...setting, workers, callers }));
    }
  }
  if (only === undefined || only === "live") {
    const rigs = parts.use(await rigsOf(servers, modules, "mongo"));
    await using open = await openPlace({ place: "live", rigs, folder, seams });
    await Promise.all(rigs.all.map(({ rig }) => rig.goTo("shadow")));
    verdicts.push(await tryAt(open, { ...setting, workers, callers }));
    if (sabotage === null) verdicts.push(await sameOnBoth(rigs), await measureConflicts(workers, open, seed));
  }
  return together(verdicts);
}

interface Trying extends Setting {
  readonly workers: Workers;
  /** By scene. */
  readonly callers: Readonly<Record<string, number>>;
}

/** All scenes at once, at one place, while processes die and sleep, and the primary moves where it can. */
async function tryAt(open: OpenPlace, trying: Trying): Promise<Verdict> {
  const { seed, sabotage, full, signal, log, workers, callers: scenes } = trying;
  const { place, rigs } = open;
  const seconds = (full ? fullSeconds : trying.seconds) * shares[place];
  const names = Object.keys(scenes);
  await prepare(open, names);
  const crew = await Crew.of(processes, workers, () => open.job({ scenes, seed, sabotage }));
  const deadline = performance.now() + seconds * 1_000;
  const going = (): boolean => !signal.aborted && performance.now() < deadline;
  const [disturbed, flips] = await Promise.all([
    disturb(crew, { kinds: holdingsOf(names), random: randomOf(seed).fork(place), going }),
    place === "live" ? flipping(rigs, going, sabotage) : null,
    sabotage === "token-again" ? forgetLocks(rigs, going) : null,
  ]);
  const { calls } = await crew.end();
  log(`${place}: ${calls.length} calls, ${JSON.stringify({ ...disturbed, ...flips })}`);
  const { broken, counts } = await judge(calls, open, names);
  const untried = sabotage === null && !signal.aborted ? notTried(leastOf(names), counts, flips) : [];
  return {
    broken: [...broken, ...untried].map((sentence) => `${place}: ${sentence}`),
    counts: { calls: calls.length, ...disturbed, ...flips, ...counts },
  };
}

type Counts = Readonly<Record<string, number>>;

/** What was not tried has not been shown. */
function notTried(least: Counts, counts: Counts, flips: Flips | null): readonly string[] {
  return [
    ...Object.entries(least).flatMap(([what, be]) =>
      (counts[what] ?? 0) < be ? [`${what}: ${counts[what] ?? 0}, not ${be}`] : [],
    ),
    ...Object.entries(flips ?? {}).flatMap(([way, times]) => (times === 0 ? [`the primary never moved ${way}`] : [])),
  ];
}

async function sameOnBoth({ all }: Rigs): Promise<Verdict> {
  let found = 0;
  for (const { rig } of all) found += findingsOf(await rig.compare());
  return { broken: found === 0 ? [] : [`live: ${found} rows differ between the two databases`], counts: {} };
}

/** What was counted at several places stands side by side. */
function together(verdicts: readonly Verdict[]): Outcome {
  const counts: Record<string, number | string> = {};
  for (const [what, count] of verdicts.flatMap((verdict) => Object.entries(verdict.counts)))
    counts[what] = what in counts ? `${counts[what]} / ${count}` : count;
  return { broken: verdicts.flatMap(({ broken }) => broken), counts };
}
