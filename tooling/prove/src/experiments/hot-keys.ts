import { setTimeout as wait } from "node:timers/promises";
import { findingsOf, stages, type Database, type Stage } from "@stellaops/cutover";
import { familyOf } from "@stellaops/kernel";
import type { Experiment, Outcome, Setting } from "../experiment.ts";
import { checkHistory } from "../history/check.ts";
import { Recorder } from "../history/operation.ts";
import { sabotages, seamsOf } from "../hot-keys/sabotage.ts";
import { keysOf } from "../hot-keys/keys.ts";
import { Writer } from "../hot-keys/writer.ts";
import { randomOf } from "../random.ts";
import { rigOf, type Rig } from "../rig.ts";

const [keyCount, writerCount, fullSize] = [100, 16, 1_000_000];

export const hotKeys: Experiment = {
  claim: "no update is lost and no read is stale, however many write the same keys, while the primary moves",
  full: `${fullSize} operations of ${writerCount} writers on ${keyCount} keys, both primaries`,
  seconds: 10,
  sabotages,
  run,
};

async function run({ servers, seed, seconds, full, sabotage, signal }: Setting): Promise<Outcome> {
  await using rig = await rigOf(servers, "mongo");
  // Two services, so that what one is told the other has to see.
  await using first = await rig.open({ seams: seamsOf(sabotage) });
  await using second = await rig.open({ seams: seamsOf(sabotage) });
  await rig.goTo("shadow");
  const random = randomOf(seed);
  const recorder = new Recorder();
  const { operations } = recorder;
  const keys = keysOf(keyCount, seed);
  const writers = Array.from({ length: writerCount }, (_, i) => {
    const { module } = i % 2 === 0 ? first : second;
    return new Writer(module, recorder, random.fork(i), `w${i}`);
  });
  const deadline = performance.now() + seconds * 1_000;
  const going = (): boolean => !signal.aborted && (full ? operations.length < fullSize : performance.now() < deadline);
  const written: Record<Database, number> = { mongo: 0, postgres: 0 };
  const work = async (writer: Writer, i: number): Promise<void> => {
    const own = random.fork(`keys ${i}`);
    while (going()) await writer.turn(own.pick(keys));
  };
  const [flips] = await Promise.all([
    flipping(rig, going, (stage, count) => void (written[stages[stage].primary] += count), operations),
    ...writers.map(work),
  ]);
  const [reader] = writers;
  for (const key of keys) await reader?.read(key);
  const broken = [...checkHistory(operations)];
  const found = findingsOf(await rig.compare());
  if (found > 0) broken.push(`${found} rows differ between the two databases at the end`);
  for (const [database, count] of Object.entries(written))
    if (count === 0) broken.push(`no operation ended while ${database} was the primary`);
  const failures = writers.flatMap((writer) => writer.failures);
  for (const failure of failures) broken.push(`a call failed: ${failure}`);
  const conflicts = operations.filter(({ answer }) => answer.kind === "conflict").length;
  const counts = { operations: operations.length, conflicts, ...written, flips, keys: keyCount, writers: writerCount };
  return { counts, broken };
}

/** The primary moves there and back all the time; how often it did, and how many operations ended before each move. */
async function flipping(
  rig: Rig,
  going: () => boolean,
  ended: (stage: Stage, count: number) => void,
  operations: readonly unknown[],
): Promise<number> {
  let flips = 0;
  let told = 0;
  for (let stage: Stage = "shadow"; going();) {
    await wait(700);
    ended(stage, operations.length - told);
    told = operations.length;
    const next: Stage = stage === "shadow" ? "live" : "shadow";
    try {
      await rig.step(next);
      stage = next;
      flips += 1;
    } catch (error) {
      // Too busy for its deadlines: the change was taken back.
      if (familyOf(error) !== "transient" && familyOf(error) !== "refused") throw error;
    }
  }
  return flips;
}
