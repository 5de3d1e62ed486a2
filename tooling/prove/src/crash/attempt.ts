import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { drainedOf, drainedWithCapture, findingsOf, showStage, stages, type FaultPoint } from "@stellaops/cutover";
import { openJournal, tallyOf } from "@stellaops/demo";
import type { Random } from "../random.ts";
import type { Lane } from "./lane.ts";
import { restartOf, type Scene } from "./scenes.ts";
import type { Workers } from "./workers.ts";

export interface Attempt {
  readonly scene: Scene;
  readonly point: FaultPoint;
  /** Unique among the attempts of a lane. */
  readonly seed: number;
  readonly sabotage: string | null;
}

export interface Attempted {
  readonly acknowledged: number;
  /** From the restart until the stage is settled and nothing is pending; null when it did not come to that. */
  readonly convergedMs: number | null;
  readonly reached: boolean;
  readonly broken: readonly string[];
}

/** Longer is no convergence. */
const patienceMs = 30_000;

/** One death: a process is brought to its point while a service beside it writes, then others go on, then everything is looked at. */
export async function attempt(
  lane: Lane,
  workers: Workers,
  { scene, point, seed, sabotage }: Attempt,
  random: Random,
): Promise<Attempted> {
  const { rig, folder, primary } = lane;
  const where = `${point}, primary ${primary}`;
  const name = `${point}-${seed}`;
  const journal = join(folder, `${name}-worker.ndjson`);
  const restart = restartOf(scene, lane, random);
  const times = 1 + random.below(scene.times ?? 1);
  // Also a process that dies before it writes anything has been told nothing.
  openJournal(journal).close();
  await scene.prepare?.(lane, name);
  if (scene.alone === true) await lane.stop();
  const death = new AbortController();
  const { urls, database } = rig;
  const work = scene.work(lane);
  const job = { work, point, times, sabotage, urls, database, journal, name, seed: random.below(1_000_000) };
  const [end, survivor] = await Promise.all([
    workers.run(job).finally(() => death.abort()),
    scene.alone === true ? null : lane.write(`${name}-beside`, random.below(1_000_000), death.signal),
    meanwhile(scene, lane, name, death.signal),
  ]);
  const reached = end === "killed";
  // What is broken on purpose has to show after the death, and not by its absence.
  if (!reached && sabotage !== null) throw new Error(`${where}: the process did not come to the point (${end})`);
  const broken = reached ? [] : [`${where}: the process did not come to the point (${end})`];

  const restarted = performance.now();
  await lane.start();
  if (sabotage !== "no-recovery") await restart(lane);
  const rested = await atRest(lane, scene, sabotage === null ? patienceMs : patienceMs / 5);
  const convergedMs = rested ? performance.now() - restarted : null;
  if (convergedMs === null)
    return { acknowledged: 0, convergedMs, reached, broken: [...broken, `${where}: it never came to rest`] };
  const journals = survivor === null ? [journal] : [journal, survivor];
  const { acknowledged, lost, failures } = await tallyOf(journals, lane.service());
  for (const sentence of lost) broken.push(`${where}: lost: ${sentence}`);
  for (const failure of failures) broken.push(`${where}: a call failed: ${failure}`);
  for (const sentence of (await scene.check?.(lane, name)) ?? []) broken.push(`${where}: ${sentence}`);
  await scene.after?.(lane);
  const comparison = await rig.compare();
  const found = findingsOf(comparison);
  if (found > 0) broken.push(`${where}: ${found} rows differ: ${firstOf(comparison)}`);
  return { acknowledged, convergedMs, reached, broken };
}

async function meanwhile(scene: Scene, lane: Lane, load: string, signal: AbortSignal): Promise<void> {
  while (scene.meanwhile !== undefined && !signal.aborted) await scene.meanwhile(lane, load);
}

/** The stage is settled, what others wrote is captured, nothing is pending. What is parked is tried again, as a repair does. */
async function atRest(lane: Lane, { outside = false }: Scene, withinMs: number): Promise<boolean> {
  const { rig } = lane;
  const deadline = performance.now() + withinMs;
  const applied = drainedOf(rig.replicas);
  const drained = outside ? drainedWithCapture(applied, rig.mongo.db) : applied;
  while (performance.now() < deadline) {
    const { situation } = await showStage(rig.sides);
    if (situation.kind === "settled") {
      const { primary, secondary } = stages[situation.at.stage];
      if (secondary === null || (await drained(situation.at, null))) return true;
      if ((await rig.replicas[primary].backlog()).parked > 0) await rig.replicas[primary].unpark();
    }
    await wait(10);
  }
  return false;
}

const firstOf = ({ aggregates }: Awaited<ReturnType<Lane["rig"]["compare"]>>): string =>
  JSON.stringify(aggregates.flatMap(({ findings }) => findings)[0], (_, value: unknown) =>
    typeof value === "bigint" ? String(value) : value,
  );
