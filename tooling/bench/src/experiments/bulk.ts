import { bulkLoad, bulkUpsert } from "@stellaops/postgres";
import { definition } from "../advisories.ts";
import { copyBack, unloaded } from "../copies.ts";
import { advisoriesOf } from "../feed.ts";
import { median } from "../measure.ts";
import { tenant } from "../rig.ts";
import type { Experiment } from "../experiment.ts";

/** P8: advisories with six child tables, over empty tables (and, for the second upsert, over themselves). */
export const bulk: Experiment = async ({ rig, rounds, full, log }) => {
  const count = full ? 100_000 : 10_000;
  const rows = [...advisoriesOf(count, 1)];
  const load = () => bulkLoad(rig.replicator.pool, definition, tenant, rows);
  const upsert = () => bulkUpsert(rig.app.pool, definition, tenant, rows);
  await load();
  const copies = await unloaded(rig);
  const ways = {
    copy: () => copyBack(rig, copies),
    load,
    upsert,
  };
  const seconds: Record<string, number[]> = { copy: [], load: [], upsert: [], again: [] };
  const cpu: Record<string, number[]> = { copy: [], load: [], upsert: [], again: [] };
  const timed = async (name: string, way: () => Promise<unknown>): Promise<void> => {
    const used = process.cpuUsage();
    const begun = performance.now();
    await way();
    seconds[name]?.push((performance.now() - begun) / 1_000);
    const { user, system } = process.cpuUsage(used);
    cpu[name]?.push((user + system) / count);
  };
  for (let round = 0; round < Math.max(3, Math.ceil(rounds / 3)); round += 1) {
    log(`  round ${round + 1}`);
    for (const [name, way] of Object.entries(ways)) {
      await rig.sql(`truncate vuln.${definition.table} cascade`);
      await rig.sql("checkpoint");
      await timed(name, way);
    }
    await timed("again", upsert);
  }
  const ratio = (way: string) =>
    median((seconds["copy"] ?? []).map((copy, i) => copy / (seconds[way]?.[i] ?? Number.NaN)));
  const rate = (way: string) => Math.round(count / median(seconds[way] ?? []));
  const client = (way: string) => `${Math.round(median(cpu[way] ?? []))} µs`;
  const bytes = copies.reduce((sum, { text }) => sum + text.length, 0);
  const unit = `aggregates/s, of ${count} with ${Math.round(bytes / count)} bytes of COPY text each`;
  return [
    {
      experiment: "P8",
      name: "bulk load ÷ COPY of the same rows from ready text",
      ratio: ratio("load"),
      reach: { least: 0.9 },
      parts: { load: rate("load"), copy: rate("copy") },
      unit,
      note: `processor time of this process per aggregate: load ${client("load")} (value rules, derived fields, text), COPY ${client("copy")}; COPY takes ${Math.round(1e6 / rate("copy"))} µs in all. Where the first is the longer one, it bounds the ratio: chunks are made ready while the server stores, so that the two times overlap and do not add up`,
    },
    {
      experiment: "P8",
      name: "bulk upsert of new rows, under RLS ÷ COPY of the same rows from ready text",
      ratio: ratio("upsert"),
      reach: { least: 0.6 },
      parts: { upsert: rate("upsert"), copy: rate("copy") },
      unit,
      note: `processor time of this process per aggregate: ${client("upsert")}`,
    },
    {
      experiment: "P8",
      name: "bulk upsert over the same rows, under RLS ÷ COPY into empty tables",
      ratio: ratio("again"),
      reach: null,
      parts: { upsert: rate("again"), copy: rate("copy") },
      unit,
    },
  ];
};
