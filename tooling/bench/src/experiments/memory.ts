import {
  backfill,
  changeStage,
  compareModule,
  drainedOf,
  initialise,
  mongoReplica,
  mongoSide,
  postgresReplica,
  postgresSide,
  progressOf,
  showStage,
  viewOf,
} from "@stellaops/cutover";
import { seededIds, systemClock } from "@stellaops/kernel";
import { bulkLoad } from "@stellaops/mongo";
import { generateOsv, importOsv, vuln } from "@stellaops/vuln";
import { definition } from "../advisories.ts";
import type { Experiment } from "../experiment.ts";
import { advisoriesOf } from "../feed.ts";
import { tenant, type Rig } from "../rig.ts";
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
  const { run, compare } = await replicating(rig);
  await measured("backfill from MongoDB into PostgreSQL", (sample) => run((copied) => often(copied, sample)));
  await measured("comparison of both databases", (sample) => compare((seen) => often(seen, sample)));
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

/** The module at the stage in which MongoDB's data is copied. */
async function replicating({ replicator, mongo }: Rig) {
  const { pool } = replicator;
  const sides = { postgres: postgresSide(pool, vuln.name), mongo: mongoSide(mongo.db, vuln.name) };
  const replicas = { postgres: postgresReplica(pool, vuln), mongo: mongoReplica(mongo, vuln) };
  const by = "bench";
  await initialise({ sides, module: vuln.name, stage: "mongo", by, reason: by });
  const guard = () => Promise.resolve({});
  await changeStage({ sides, target: "dual-write", by, reason: by, drained: drainedOf(replicas), guard });
  const view = async () => {
    const { situation } = await showStage(sides);
    if ("at" in situation) return viewOf(situation.at);
    throw new Error(`the module has no stage: ${situation.kind}`);
  };
  return {
    run: async (copied: (count: number) => void) => {
      const progress = progressOf(pool, vuln.name);
      await backfill({
        module: vuln,
        replicas,
        sides,
        progress,
        view,
        onProgress: (now) => {
          if (now.aggregate === definition.table) copied(now.copied);
        },
      });
    },
    compare: async (seen: (count: number) => void) => {
      let rows = 0;
      const { equal } = await compareModule({
        module: vuln,
        postgres: pool,
        mongo: mongo.db,
        view: await view(),
        onProgress: () => seen((rows += 1_000)),
      });
      if (!equal) throw new Error("the databases differ after a backfill");
    },
  };
}
