import { seededIds, systemClock } from "@stellaops/kernel";
import { singleUnit, transaction } from "@stellaops/postgres";
import { aSource } from "@stellaops/testkit/source";
import { wiring } from "@stellaops/vuln";
import type { Experiment } from "../experiment.ts";
import { quantile, rounded } from "../latency.ts";
import { tenant } from "../rig.ts";
import type { Row } from "../row.ts";

/** What a COMMIT of its own costs a verb that writes, by which it can be settled when its answer is lost. */
export const commit: Experiment = async ({ rig, rounds }) => {
  const { repositories } = await wiring.postgres();
  const { pool } = rig.app;
  const ids = seededIds(systemClock, 11);
  const ways = {
    "one flush": () =>
      new repositories.sources(singleUnit(pool, { tenant, writes: false })).put(aSource(ids.next()), 0n),
    "COMMIT apart": () =>
      transaction(pool, { tenant }, (unit) => new repositories.sources(unit).put(aSource(ids.next()), 0n)),
  };
  return [await measured(ways, 1, rounds), await measured(ways, 8, rounds)];
};

type Ways = Readonly<Record<"one flush" | "COMMIT apart", () => Promise<unknown>>>;

async function measured(ways: Ways, callers: number, rounds: number): Promise<Row> {
  const found = { "one flush": [] as number[], "COMMIT apart": [] as number[] };
  // Call by call in turn, so that what else the machine does meets both alike; the first round only warms up.
  for (let round = 0; round <= rounds; round += 1) {
    const times = await Promise.all(Array.from({ length: callers }, () => alternating(ways, 100)));
    if (round === 0) continue;
    for (const one of times) {
      found["one flush"].push(...one["one flush"]);
      found["COMMIT apart"].push(...one["COMMIT apart"]);
    }
  }
  const [before, after] = [quantile(found["one flush"], 0.5), quantile(found["COMMIT apart"], 0.5)];
  return {
    experiment: "commit",
    name: `p50 of a new source, COMMIT in a flush of its own ÷ in the flush of the write, ${callers} ${callers === 1 ? "caller" : "callers"}`,
    ratio: after / before,
    reach: null,
    parts: { "one flush": rounded(before), "COMMIT apart": rounded(after) },
    unit: "ms",
    note: "What settles a COMMIT whose answer was lost: ADR 0011.",
  };
}

async function alternating(ways: Ways, turns: number) {
  const found = { "one flush": [] as number[], "COMMIT apart": [] as number[] };
  for (let turn = 0; turn < turns; turn += 1)
    for (const name of ["one flush", "COMMIT apart"] as const) {
      const begun = performance.now();
      await ways[name]();
      found[name].push(performance.now() - begun);
    }
  return found;
}
