import { backfill as runBackfill } from "@stellaops/cutover";
import { bulkLoad } from "@stellaops/mongo";
import { definition } from "../advisories.ts";
import { copyBack, unloaded } from "../copies.ts";
import { advisoriesOf } from "../feed.ts";
import { median } from "../measure.ts";
import { replicating } from "../places.ts";
import { tenant, type Rig } from "../rig.ts";
import type { Experiment } from "../experiment.ts";

const mib = 1024 * 1024;

/** P9: a module's backfill from MongoDB into an empty PostgreSQL, held against what the drivers do with the same data and nothing else. */
export const backfill: Experiment = async ({ rig, rounds, full, log }) => {
  const count = full ? 200_000 : 20_000;
  await bulkLoad(rig.mongo, definition, tenant, advisoriesOf(count, 1));
  const options = await replicating(rig);
  const run = async (onProgress: () => void): Promise<void> => {
    const { parked } = await runBackfill({ ...options, onProgress });
    if (parked > 0) throw new Error(`${parked} keys were parked`);
  };
  const meter = new Meter();
  await run(() => meter.sample());
  const copies = await unloaded(rig);
  const ways = {
    drain: () => drain(rig),
    copy: () => copyBack(rig, copies),
    backfill: () => run(() => {}),
  };
  const seconds: Record<keyof typeof ways, number[]> = { drain: [], copy: [], backfill: [] };
  let used = 0;
  const turns = Math.max(3, Math.ceil(rounds / 3));
  for (let round = 0; round < turns; round += 1) {
    log(`  round ${round + 1}`);
    for (const name of ["drain", "copy", "backfill"] as const) {
      if (name !== "drain") await emptied(rig);
      const cpu = process.cpuUsage();
      const begun = performance.now();
      await ways[name]();
      seconds[name].push((performance.now() - begun) / 1_000);
      const { user, system } = process.cpuUsage(cpu);
      if (name === "backfill") used += (user + system) / count / turns;
    }
  }
  const rate = (way: keyof typeof ways) => Math.round(count / median(seconds[way]));
  const ratios = seconds.backfill.map((took, i) => Math.max(seconds.drain[i] ?? 0, seconds.copy[i] ?? 0) / took);
  return [
    {
      experiment: "P9",
      name: "backfill ÷ the slower of a bare cursor drain and COPY of the same rows from ready text",
      ratio: median(ratios),
      reach: { least: 0.6 },
      parts: { backfill: rate("backfill"), drain: rate("drain"), copy: rate("copy") },
      unit: `advisories/s, of ${count}`,
      note: `processor time of this process per advisory: ${Math.round(used)} µs of the ${Math.round(1e6 / rate("backfill"))} µs that it takes in all; COPY and a drain have one processor for the server and one for the client as well`,
    },
    {
      experiment: "P9",
      name: "memory held in the second half of a backfill ÷ in the first, at the most",
      ratio: meter.growth,
      reach: { most: 1.25 },
      parts: { "first half": meter.halves[0], "second half": meter.halves[1] },
      unit: "MiB of heap and external memory after a collection",
    },
  ];
};

async function drain({ mongo }: Rig): Promise<void> {
  let seen = 0;
  for await (const _ of mongo.db.collection(definition.table).find({}, { batchSize: 1_000 })) seen += 1;
  if (seen === 0) throw new Error("nothing was there to be drained");
}

/** As before the first backfill. */
async function emptied(rig: Rig): Promise<void> {
  await rig.sql(`truncate vuln.${definition.table} cascade`);
  await rig.sql("truncate cutover.register, cutover.backfill_items, cutover.replication");
  await rig.sql("checkpoint");
}

/** What is held after each page: the largest of the first and of the second half. */
class Meter {
  readonly #held: number[] = [];
  readonly sample = (): void => {
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    this.#held.push((heapUsed + external) / mib);
  };
  get halves(): readonly [number, number] {
    const half = this.#held.length >> 1;
    return [Math.round(Math.max(...this.#held.slice(0, half))), Math.round(Math.max(...this.#held.slice(half)))];
  }
  get growth(): number {
    const [first, second] = this.halves;
    return second / first;
  }
}
