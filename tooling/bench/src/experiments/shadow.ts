import { bulkLoad as intoMongo } from "@stellaops/mongo";
import { bulkLoad as intoPostgres } from "@stellaops/postgres";
import { mongoShadow, showStage, mongoSide, postgresShadow, postgresSide } from "@stellaops/cutover";
import { vuln, type Vuln } from "@stellaops/vuln";
import { definition } from "../advisories.ts";
import type { Experiment } from "../experiment.ts";
import { advisoriesOf } from "../feed.ts";
import { latencies, quantile, rounded, type Load } from "../latency.ts";
import { interleaved, type Way } from "../measure.ts";
import { staged } from "../module-stage.ts";
import { tenant, type Rig } from "../rig.ts";

/** Well below half the CPU of this process, both databases and the bench together. */
const paced: Load = { callers: 4, pauseMs: 40, ms: 2_000 };

/** P5: what a caller notices of shadow reads. Budgets but the rate are the engine's own, unless it is said. */
export const shadowReads: Experiment = async ({ rig, rounds, log }) => {
  const stored = [...advisoriesOf(2_000, 1)];
  await intoPostgres(rig.replicator.pool, definition, tenant, stored);
  await intoMongo(rig.mongo, definition, tenant, stored);
  await rig.sql("analyze");
  const stage = await staged(rig, "mongo");
  await stage.goTo("shadow");
  const opened: Vuln[] = [];
  const reads = async (shadow: {
    readonly rate: number;
    readonly cpu?: number;
    readonly concurrency?: number;
  }): Promise<Way> => {
    const module = await stage.open({ shadow });
    opened.push(module);
    const { advisories } = module.tenant(tenant);
    return (turn) => advisories.get(stored[(turn * 7_919) % stored.length]!.id);
  };
  const none = await reads({ rate: 0 });
  const all = await reads({ rate: 1, concurrency: 8 });
  const tenth = await reads({ rate: 0.1 });
  const unbounded = await reads({ rate: 0.1, cpu: 1 });

  log("  callers' p99 at 100 %");
  const times: Record<"none" | "all", number[]> = { none: [], all: [] };
  let cpu = 0;
  for (let round = 0; round <= rounds; round += 1)
    for (const [name, way] of [
      ["none", none],
      ["all", all],
    ] as const) {
      const before = performance.eventLoopUtilization();
      const found = await latencies(way, paced);
      if (round === 0) continue;
      times[name].push(...found);
      cpu = Math.max(cpu, performance.eventLoopUtilization(before).utilization);
    }
  log("  throughput at 10 %");
  const { perSecond, ratio } = await interleaved({ none, tenth, unbounded }, { rounds });
  for (const module of opened) await module.close();
  const [without, withAll] = [quantile(times.none, 0.99), quantile(times.all, 0.99)];
  const unit = "reads/s, 8 callers without pause, stage shadow";
  return [
    {
      experiment: "P5",
      name: "callers' p99 with every read shadowed ÷ with none, below half the CPU",
      ratio: withAll / without,
      reach: { most: 1.05 },
      parts: {
        shadowed: rounded(withAll),
        none: rounded(without),
        "shadowed p50": rounded(quantile(times.all, 0.5)),
        "none p50": rounded(quantile(times.none, 0.5)),
      },
      unit: `ms; 4 callers, 40 ms between their calls, event loop busy ${Math.round(cpu * 100)} % at most; ${await compared(rig)} reads compared of ${times.all.length}`,
    },
    {
      experiment: "P5",
      name: "throughput at 10 % sampling ÷ none",
      ratio: ratio("tenth", "none"),
      reach: { least: 0.95 },
      parts: { sampled: perSecond["tenth"] ?? 0, none: perSecond["none"] ?? 0 },
      unit,
      note: "At full load the engine's CPU share (0.5 of the event loop) holds sampling back: that is what it is for.",
    },
    {
      experiment: "P5",
      name: "the same with no bound on the CPU share",
      ratio: ratio("unbounded", "none"),
      reach: null,
      parts: { sampled: perSecond["unbounded"] ?? 0, none: perSecond["none"] ?? 0 },
      unit,
    },
  ];
};

/** As the guards would count them. */
async function compared({ mongo, replicator }: Rig): Promise<number> {
  const sides = { postgres: postgresSide(replicator.pool, vuln.name), mongo: mongoSide(mongo.db, vuln.name) };
  const { situation } = await showStage(sides);
  if (!("at" in situation)) return 0;
  const tables = { postgres: postgresShadow(replicator.pool, vuln.name), mongo: mongoShadow(mongo.db) };
  return (await tables[situation.at.database].totals(situation.at.epoch)).sampled;
}
