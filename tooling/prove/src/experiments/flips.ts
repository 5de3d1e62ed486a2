import { setTimeout as wait } from "node:timers/promises";
import { changeStage, drainedOf, findingsOf, instancesOf, stageNames, type Stage } from "@stellaops/cutover";
import { vuln } from "@stellaops/vuln";
import type { Experiment, Outcome, Setting } from "../experiment.ts";
import type { Last } from "../flips/report.ts";
import { sabotages, withoutFence } from "../flips/sabotage.ts";
import { Services } from "../flips/services.ts";
import { Durations } from "../percentiles.ts";
import { rigOf, type Rig } from "../rig.ts";

const [processes, workers, rounds, limitMs] = [3, 2, 10, 1_000];

export const flips: Experiment = {
  claim: `the six stages forward and back under load: no failed call, nothing lost, every read as new as what was told, each switch within ${limitMs} ms (small form: nine of ten)`,
  full: `${rounds} times forward and back, ${processes} service processes`,
  seconds: 20,
  sabotages,
  run,
};

const thereAndBack: readonly Stage[] = [...stageNames.slice(1), ...stageNames.toReversed().slice(1)];

async function run({ servers, seed, seconds, full, sabotage, log, signal }: Setting): Promise<Outcome> {
  await using rig = await rigOf(servers, "mongo");
  const { app, mongo } = rig.urls;
  const shared = { app, mongo, database: rig.database, workers, sabotage };
  await using services = new Services(
    Array.from({ length: processes }, (_, i) => ({
      ...shared,
      name: `service-${i + 1}`,
      seed: seed * processes + i,
      hasty: i === 0,
    })),
  );
  await services.ready();
  const [switches, acknowledged] = [new Durations(), new Durations()];
  const broken: string[] = [];
  const begun = performance.now();
  let whole = 0;
  const more = (): boolean =>
    !signal.aborted && (full ? whole < rounds : performance.now() - begun < (seconds * 1_000) / 2);
  do {
    for (const target of thereAndBack) {
      if (signal.aborted) break;
      const ms = await switchTo(rig, target, sabotage);
      switches.add(ms.settled);
      acknowledged.add(ms.acknowledged);
      log(
        `to "${target}" in ${Math.round(ms.settled)} ms, acknowledged by all after ${Math.round(ms.acknowledged)} ms`,
      );
      // So that each stage has writes of its own.
      await wait(200);
    }
    whole += 1;
  } while (more());
  // The small form runs beside whatever else a machine does: there one switch in ten may be held up by that.
  const slowest = switches.at(full ? 1 : 0.9);
  if (slowest > limitMs)
    broken.push(`${full ? "a switch" : "more than one switch in ten"} took ${Math.round(slowest)} ms`);
  const reports = await services.stop();
  broken.push(...reports.flatMap(({ failures, stale }) => [...failures, ...stale]));
  broken.push(
    ...(await lost(
      rig,
      reports.flatMap(({ last }) => last),
    )),
  );
  const sum = (of: (report: (typeof reports)[number]) => number): number => reports.reduce((n, one) => n + of(one), 0);
  const fenced = sum((one) => one.fenced);
  if (fenced === 0) broken.push("no unit was fenced, so that none had to be run again");
  return {
    counts: {
      calls: sum(({ calls }) => calls),
      acknowledged: sum((one) => one.acknowledged),
      fenced,
      failed: sum(({ failures }) => failures.length),
      "stale reads": sum(({ stale }) => stale.length),
      switches: switches.count,
      switch: switches.told(),
      "known to all": acknowledged.told(),
      "worst call ms": Math.max(...reports.map(({ worstMs }) => worstMs)),
    },
    broken,
  };
}

/** One step, with the backfill where replication begins; how long the switch took, and until every instance knew of it. */
async function switchTo(rig: Rig, target: Stage, sabotage: string | null) {
  const before = await rig.view();
  const sides = sabotage === "open-fence" ? withoutFence(rig.sides) : rig.sides;
  const drained = sabotage === "no-drain" ? () => Promise.resolve(true) : drainedOf(rig.replicas);
  const begun = performance.now();
  const view = await changeStage({ sides, target, by: "prove", reason: "on the way", drained });
  const settled = performance.now() - begun;
  const known = async (): Promise<boolean> =>
    (await instancesOf(rig.sides)).instances.filter(({ epoch }) => epoch >= view.epoch).length >= processes;
  while (!(await known()) && performance.now() - begun < 10_000) await wait(5);
  const acknowledged = performance.now() - begun;
  if (view.secondary !== null && view.generation !== before.generation && sabotage !== "no-drain") await rig.backfill();
  return { settled, acknowledged };
}

/** What was acknowledged last, against what is stored: at the primary, and after a backfill on both sides. */
async function lost(rig: Rig, last: Last): Promise<readonly string[]> {
  const stored = new Map<string, { readonly revision: number; readonly name: string }>();
  for await (const { id, revision, name } of rig.mongo.db.collection("sources").find({}))
    stored.set(String(id), { revision: Number(revision), name: String(name) });
  const broken = last.flatMap(([id, be]): readonly string[] => {
    const is = stored.get(id);
    if (is?.revision === be?.revision && is?.name === be?.name) return [];
    return [
      `${id}: acknowledged ${be === null ? "as deleted" : `at ${be.revision}`}, and stored at ${is?.revision ?? "nothing"}`,
    ];
  });
  await rig.step("dual-write");
  await rig.backfill();
  const differing = findingsOf(await rig.compare());
  return differing === 0 ? broken : [...broken, `${differing} rows of ${vuln.name} differ between the two databases`];
}
