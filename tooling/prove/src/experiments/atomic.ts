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
import { openPlace, rigsOf, type OpenPlace, type Rigs } from "../atomic/place.ts";
import { Workers } from "../atomic/processes.ts";
import { sabotages, trialOf } from "../atomic/sabotage.ts";
import type { Verdict } from "../atomic/scene.ts";
import { callersOf, holdingsOf, prepare } from "../atomic/scenes.ts";
import type { Experiment, Outcome, Setting } from "../experiment.ts";
import { idle } from "../flips/sabotage.ts";
import { randomOf } from "../random.ts";

const processes = 4;
/** How many must have asked for one token at least. */
const crowd = 1_000;
/** Of the time, by place. */
const shares: Readonly<Record<Place, number>> = { mongo: 0.25, postgres: 0.25, live: 0.5 };
const fullSeconds = 3_600;

export const atomic: Experiment = {
  claim:
    "what only one may get, one gets: tokens, uses of a license, lockouts, jobs, firings, locks, moves; asked for by processes that die and sleep, on either database and while the primary moves",
  full: `an hour, ${processes} processes`,
  seconds: 14,
  sabotages,
  run,
};

async function run(setting: Setting): Promise<Outcome> {
  const { servers, sabotage, seed } = setting;
  const only = trialOf(sabotage)?.place;
  const folder = await mkdtemp(join(tmpdir(), "stella-atomic-"));
  await using parts = new AsyncDisposableStack();
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const workers = parts.use(new Workers(processes));
  const seams = sabotage === "no-drain" ? { replicas: idle } : {};
  const verdicts: Verdict[] = [];
  if (only !== "live") {
    const rigs = parts.use(await rigsOf(servers, null));
    for (const place of ["mongo", "postgres"] as const) {
      if (place !== (only ?? place)) continue;
      await using open = await openPlace({ place, rigs, folder, seams });
      verdicts.push(await tryAt(open, workers, setting));
    }
  }
  if (only === undefined || only === "live") {
    const rigs = parts.use(await rigsOf(servers, "mongo"));
    await using open = await openPlace({ place: "live", rigs, folder, seams });
    await Promise.all([rigs.authority.goTo("shadow"), rigs.scheduler.goTo("shadow")]);
    verdicts.push(await tryAt(open, workers, setting));
    if (sabotage === null) verdicts.push(await sameOnBoth(rigs), await measureConflicts(workers, open, seed));
  }
  return together(verdicts);
}

/** All scenes at once, at one place, while processes die and sleep, and the primary moves where it can. */
async function tryAt(open: OpenPlace, workers: Workers, setting: Setting): Promise<Verdict> {
  const { seed, sabotage, full, signal, log } = setting;
  const { place, rigs } = open;
  const seconds = (full ? fullSeconds : setting.seconds) * shares[place];
  const scenes = callersOf(trialOf(sabotage)?.scenes ?? null);
  await prepare(open, Object.keys(scenes));
  const crew = await Crew.of(processes, workers, () => open.job({ scenes, seed, sabotage }));
  const deadline = performance.now() + seconds * 1_000;
  const going = (): boolean => !signal.aborted && performance.now() < deadline;
  const [disturbed, flips] = await Promise.all([
    disturb(crew, { kinds: holdingsOf(scenes), random: randomOf(seed).fork(place), going }),
    place === "live" ? flipping(rigs, going, sabotage) : null,
    sabotage === "token-again" ? forgetLocks(rigs, going) : null,
  ]);
  const { calls } = await crew.end();
  log(`${place}: ${calls.length} calls, ${JSON.stringify({ ...disturbed, ...flips })}`);
  const { broken, counts } = await judge(calls, open, Object.keys(scenes));
  const untried = sabotage === null && !signal.aborted ? notTried(counts, flips) : [];
  return {
    broken: [...broken, ...untried].map((sentence) => `${place}: ${sentence}`),
    counts: { calls: calls.length, ...disturbed, ...flips, ...counts },
  };
}

/** What was not tried has not been shown. */
function notTried(counts: Readonly<Record<string, number>>, flips: Flips | null): readonly string[] {
  const least: Readonly<Record<string, number>> = {
    "redeem callers of one token": crowd,
    "consume used up": 1,
    "lockout locked users": 1,
    "policy-jobs completed": 1,
    "graph-jobs completed": 1,
    "triggers fired": 1,
    "locks refused to older tokens": 1,
    "transitions illegal moves tried": 1,
  };
  return [
    ...Object.entries(least).flatMap(([what, be]) =>
      (counts[what] ?? 0) < be ? [`${what}: ${counts[what] ?? 0}, not ${be}`] : [],
    ),
    ...Object.entries(flips ?? {}).flatMap(([way, times]) => (times === 0 ? [`the primary never moved ${way}`] : [])),
  ];
}

async function sameOnBoth({ authority, scheduler }: Rigs): Promise<Verdict> {
  const found = findingsOf(await authority.compare()) + findingsOf(await scheduler.compare());
  return { broken: found === 0 ? [] : [`live: ${found} rows differ between the two databases`], counts: {} };
}

/** What was counted at several places stands side by side. */
function together(verdicts: readonly Verdict[]): Outcome {
  const counts: Record<string, number | string> = {};
  for (const [what, count] of verdicts.flatMap((verdict) => Object.entries(verdict.counts)))
    counts[what] = what in counts ? `${counts[what]} / ${count}` : count;
  return { broken: verdicts.flatMap(({ broken }) => broken), counts };
}
