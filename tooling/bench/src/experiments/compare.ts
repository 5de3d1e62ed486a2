import { compareModule, type Comparison } from "@stellaops/cutover";
import { childrenOf } from "@stellaops/kernel";
import { bulkLoad as loadMongo } from "@stellaops/mongo";
import { bulkLoad as loadPostgres } from "@stellaops/postgres";
import { registerDocuments, registerRows } from "@stellaops/testkit/register";
import { vuln, type Advisory } from "@stellaops/vuln";
import { definition } from "../advisories.ts";
import type { Experiment } from "../experiment.ts";
import { advisoriesOf } from "../feed.ts";
import { median } from "../measure.ts";
import { tenant, type Rig } from "../rig.ts";
import type { Row } from "../row.ts";

/** Advisories loaded at once, into both: what is in memory. */
const batch = 20_000;

/** P10: a comparison of both databases in full content against what PostgreSQL needs to hash its own rows. */
export const compareExperiment: Experiment = async ({ rig, rounds, full, log }) => {
  const count = full ? 1_000_000 : 40_000;
  log(`  loading ${count} advisories into both`);
  await fill(rig, count);
  const times = { bare: [] as number[], compared: [] as number[] };
  for (let round = 0; round <= Math.min(rounds, full ? 1 : 5); round += 1) {
    const bare = await timed(() => bareHash(rig));
    const compared = await timed(() => compare(rig, true));
    // The first round fills the caches of both.
    if (round > 0) {
      times.bare.push(bare);
      times.compared.push(compared);
    }
  }
  const rate = (all: readonly number[]) => Math.round((count * 1_000) / median(all));
  const fetched = await fetchedPerFinding(rig);
  const rows: Row[] = [
    {
      experiment: "P10",
      name: "rows verified, both sides, full content ÷ bare hash aggregate in PostgreSQL",
      ratio: median(times.bare.map((bare, i) => bare / (times.compared[i] ?? Number.NaN))),
      reach: { least: 0.25 },
      parts: { "bare hash": rate(times.bare), compared: rate(times.compared) },
      unit: `advisories/s of ${count}, with their children, one connection, one worker`,
      note: "bare: sum(hashtextextended(row::text, 0)) over the seven tables; it reads nothing of MongoDB, and checks no derived field, type or register",
    },
    {
      experiment: "P10",
      name: "rows read singly for one finding",
      ratio: fetched,
      reach: { most: 2_000 },
      parts: { findings: 1 },
      unit: "row changed in PostgreSQL",
    },
  ];
  return rows;
};

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

async function compare({ replicator, mongo }: Rig, equal: boolean): Promise<Comparison> {
  const comparison = await compareModule({
    module: vuln,
    postgres: replicator.pool,
    mongo: mongo.db,
    view: { primary: "mongo", epoch: 1n, generation: 1n },
    only: [definition.table],
    settleMs: 0,
  });
  if (comparison.equal !== equal) throw new Error(equal ? "the databases differ" : "a difference was not found");
  return comparison;
}

const tables = [definition.table, ...childrenOf(definition.shape).map(({ child }) => child.table)];

/** One statement a table: rows of children are aggregated by themselves, as the comparison has them. */
async function bareHash({ replicator }: Rig): Promise<void> {
  for (const table of tables)
    await replicator.pool.query(`select count(*), sum(hashtextextended(t::text, 0)) from vuln."${table}" t`);
}

async function fetchedPerFinding(rig: Rig): Promise<number> {
  await rig.sql(
    "update vuln.advisories set primary_id = primary_id || ' ' where id = (select id from vuln.advisories order by id desc offset 1000 limit 1)",
  );
  const { aggregates } = await compare(rig, false);
  return aggregates.reduce((sum, { fetched }) => sum + fetched, 0);
}

async function fill(rig: Rig, count: number): Promise<void> {
  const source = advisoriesOf(count, 1);
  for (let done = 0; done < count; done += batch) {
    const some: Advisory[] = [];
    // `take` would end the source with its first batch.
    for (let next = source.next(); next.done !== true; next = source.next()) {
      some.push(next.value);
      if (some.length === Math.min(batch, count - done)) break;
    }
    await loadMongo(rig.mongo, definition, tenant, some);
    await loadPostgres(rig.replicator.pool, definition, tenant, some);
  }
  await registerRows(rig.sql, vuln.name, definition.table, 1n);
  await registerDocuments(rig.mongo.db, definition.table, 1n);
  await rig.sql("vacuum analyze");
}
