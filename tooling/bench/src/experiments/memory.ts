import { backfill, compareModule } from "@stellaops/cutover";
import { seededIds, systemClock } from "@stellaops/kernel";
import { bulkLoad } from "@stellaops/mongo";
import { generateOsv, importOsv, vuln } from "@stellaops/vuln";
import { definition } from "../advisories.ts";
import type { Experiment } from "../experiment.ts";
import { advisoriesOf } from "../feed.ts";
import { replicating } from "../places.ts";
import { tenant } from "../rig.ts";
import type { Row } from "../row.ts";

const mib = 1024 * 1024;
const reach = { most: 64 };

/** What an import, a backfill and a comparison hold in memory beyond an idle process, whatever their length. */
export const memory: Experiment = async ({ rig, full, log }) => {
  const count = full ? 1_000_000 : 50_000;
  const rows: Row[] = [];
  const measured = async (name: string, work: (sample: () => void) => Promise<unknown>): Promise<void> => {
    log(`  ${name}`);
    const meter = new Meter();
    const begun = performance.now();
    await work(meter.sample);
    rows.push({
      experiment: "memory",
      name: `${name}: MiB held beyond idle, at the most`,
      ratio: meter.held,
      reach,
      parts: { "resident set beyond idle": meter.resident, seconds: Math.round((performance.now() - begun) / 1_000) },
      unit: `(${count} advisories; held: heap and external memory after a collection, sampled after each batch of about 2 %)`,
    });
  };
  const often = thinned(count);

  await measured("import into PostgreSQL", (sample) =>
    importOsv({
      records: generateOsv({ count, seed: 1 }),
      advisories: rig.onPostgres.shared().advisories,
      sourceId: "01900000-0000-7000-8000-000000000000",
      clock: systemClock,
      ids: seededIds(systemClock, 5),
      onProgress: ({ read }) => often(read, sample),
    }),
  );
  await rig.sql("truncate vuln.advisories cascade");
  await measured("bulk load into MongoDB", (sample) =>
    bulkLoad(rig.mongo, definition, tenant, advisoriesOf(count, 1), {
      onProgress: ({ rows: stored }) => often(stored, sample),
    }),
  );
  const options = await replicating(rig);
  await measured("backfill from MongoDB into PostgreSQL", (sample) =>
    backfill({
      ...options,
      onProgress: ({ aggregate, copied }) => {
        if (aggregate === definition.table) often(copied, sample);
      },
    }),
  );
  const view = await options.view();
  await measured("comparison of both databases", async (sample) => {
    let seen = 0;
    const { equal } = await compareModule({
      module: vuln,
      postgres: rig.replicator.pool,
      mongo: rig.mongo.db,
      view,
      onProgress: () => often((seen += 1_000), sample),
    });
    if (!equal) throw new Error("the databases differ after a backfill");
  });
  return rows;
};

/** Calls on about every fiftieth part of the whole. */
function thinned(count: number): (done: number, sample: () => void) => void {
  let last = 0;
  return (done, sample) => {
    if (done >= last && done - last < count / 50) return;
    last = done;
    sample();
  };
}

/** Against what the process held when it was made. */
class Meter {
  readonly #idle = usage();
  held = 0;
  resident = 0;
  readonly sample = (): void => {
    const now = usage();
    this.held = Math.max(this.held, Math.round((now.held - this.#idle.held) / mib));
    this.resident = Math.max(this.resident, Math.round((now.resident - this.#idle.resident) / mib));
  };
}

function usage(): { readonly held: number; readonly resident: number } {
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { held: heapUsed + external, resident: rss };
}
