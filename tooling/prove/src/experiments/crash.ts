import { faultPoints, type Database, type FaultPoint, type Seams } from "@stellaops/cutover";
import { refused } from "@stellaops/kernel";
import type { Experiment, Outcome, Setting } from "../experiment.ts";
import { attempt } from "../crash/attempt.ts";
import { laneOf } from "../crash/lane.ts";
import { sabotages } from "../crash/sabotage.ts";
import { scenes } from "../crash/scenes.ts";
import { Workers } from "../crash/workers.ts";
import { Durations } from "../percentiles.ts";
import { randomOf } from "../random.ts";

/** After so many deaths a lane begins anew with empty databases, so that the comparison after each stays quick. */
const deathsPerLane = 150;
const repetitions = 100;
const convergenceMs = 5_000;

export const crash: Experiment = {
  claim:
    "whatever process dies at whatever point, no acknowledged write is lost, no row differs, and it converges in 5 s",
  full: `SIGKILL at each of ${faultPoints.length} fault points, with either primary, ${repetitions} times`,
  seconds: 60,
  sabotages: Object.fromEntries(Object.entries(sabotages).map(([kind, { breaks }]) => [kind, breaks])),
  run,
};

async function run(setting: Setting): Promise<Outcome> {
  const { full } = setting;
  const broken: string[] = [];
  const convergence = new Durations();
  const reached = new Set<FaultPoint>();
  let [deaths, acknowledged] = [0, 0];
  await using workers = new Workers(2);
  const stop = new AbortController();
  const signal = AbortSignal.any([setting.signal, stop.signal]);
  const walk = async (primary: Database): Promise<void> => {
    const random = randomOf(setting.seed).fork(primary);
    const plan = planOf(setting, primary);
    for (let at = 0; at < plan.length && !signal.aborted; at += deathsPerLane) {
      await using lane = await laneOf(setting.servers, primary, survivorSeams(setting.sabotage));
      for (const [i, task] of plan.slice(at, at + deathsPerLane).entries()) {
        if (signal.aborted) return;
        const begun = performance.now();
        const done = await attempt(lane, workers, { ...task, seed: at + i, sabotage: setting.sabotage }, random);
        deaths += 1;
        acknowledged += done.acknowledged;
        broken.push(...done.broken);
        if (done.reached) reached.add(task.point);
        if (done.convergedMs === null) return;
        convergence.add(done.convergedMs);
        setting.log(
          `${primary} ${task.point}: ${Math.round(done.convergedMs)} ms to rest, ${Math.round(performance.now() - begun)} ms in all`,
        );
      }
    }
  };
  await together([walk("mongo"), walk("postgres")], stop);
  const missed = faultPoints.filter((point) => !reached.has(point));
  if (setting.sabotage === null && !setting.signal.aborted)
    for (const point of missed) broken.push(`${point}: no process died there`);
  if (convergence.at(0.99) > convergenceMs)
    broken.push(`convergence p99 is ${Math.round(convergence.at(0.99))} ms, above ${convergenceMs}`);
  const counts = { points: reached.size, deaths, acknowledged, convergence: convergence.told() };
  return { counts: full ? { ...counts, repetitions } : counts, broken };
}

/** When one fails the others end before that is told, so that nothing is taken from under their feet. */
async function together(works: readonly Promise<void>[], stop: AbortController): Promise<void> {
  const ended = works.map((work) =>
    work.catch((error: unknown) => {
      stop.abort();
      throw error;
    }),
  );
  await Promise.allSettled(ended);
  await Promise.all(ended);
}

/** Small: every point once, half of them with one primary and half with the other, by the seed. */
function planOf({ full, seed, sabotage }: Setting, primary: Database) {
  const tasks = scenes
    .filter(({ only = primary }) => only === primary)
    .flatMap((scene) => scene.points.map((point) => ({ scene, point })));
  if (sabotage !== null) return tasks.filter(({ point }) => sabotages[sabotage]?.points.includes(point));
  if (full) return Array.from({ length: repetitions }, () => tasks).flat();
  const turn = seed + (primary === "mongo" ? 0 : 1);
  return tasks.filter(({ scene, point }) => scene.only !== undefined || (faultPoints.indexOf(point) + turn) % 2 === 0);
}

/** With `no-recovery` the services that live on cannot write the stage record. */
function survivorSeams(sabotage: string | null): Seams {
  if (sabotage !== "no-recovery") return {};
  const compareAndSet = (): Promise<never> =>
    Promise.reject(refused("NO_RECOVERY", "the stage record cannot be written"));
  return {
    sides: ({ mongo, postgres }) => ({
      mongo: { ...mongo, records: { ...mongo.records, compareAndSet } },
      postgres: { ...postgres, records: { ...postgres.records, compareAndSet } },
    }),
  };
}
