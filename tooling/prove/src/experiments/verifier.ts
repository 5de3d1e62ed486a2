import { compareModule, type Comparison, type CompareOptions } from "@stellaops/cutover";
import { vuln } from "@stellaops/vuln";
import type { Experiment, Outcome, Setting } from "../experiment.ts";
import { randomOf, type Random } from "../random.ts";
import { rigOf, type Rig } from "../rig.ts";
import { faults, lag } from "../verifier/faults.ts";
import { begin, definition, fill, keyOf } from "../verifier/fill.ts";
import { sabotageOf, sabotages } from "../verifier/sabotage.ts";
import { writersOn } from "../verifier/writers.ts";

const kinds = Object.entries(faults);
/** Keys whose writes are still to be replicated: no findings. */
const lagging = 5;
const small = { rows: 20_000, each: 6, writers: 2, pauseMs: 5 };
const whole = { rows: 1_000_000, each: 50, writers: 4, pauseMs: 2 };

export const verifier: Experiment = {
  claim: `every planted fault of ${kinds.length} kinds found, by its key and its path, and nothing else, at rest and under writes`,
  full: `${whole.each * kinds.length} faults in ${whole.rows} rows; STELLA_PROVE_ROWS=10000000 for more`,
  seconds: 10,
  sabotages,
  run,
};

async function run({ servers, seed, seconds, full, sabotage, log, signal }: Setting): Promise<Outcome> {
  const size = full ? whole : small;
  const rows = Number(process.env["STELLA_PROVE_ROWS"] ?? size.rows);
  await using rig = await rigOf(servers, null);
  log(`${rows} rows on both databases`);
  await fill(rig, rows);
  const random = randomOf(seed);
  const { expected, clean } = await plant(rig, random, rows, size.each);
  await begin(rig);
  const compare = comparison(rig, sabotage);
  const broken: string[] = [];
  const counts = { faults: expected.size, kinds: kinds.length, rows, comparisons: 0, "rows a second": 0 };

  const check = async (when: string): Promise<Comparison> => {
    const begun = performance.now();
    const seen = await compare();
    counts["rows a second"] = Math.round((rows * 1_000) / (performance.now() - begun));
    counts.comparisons += 1;
    log(`${when}: compared in ${Math.round(performance.now() - begun)} ms`);
    broken.push(...differences(expected, seen).map((sentence) => `${when}: ${sentence}`));
    return seen;
  };

  log(`${expected.size} faults planted; comparing at rest`);
  const atRest = await check("at rest");
  let written = 0;
  if (broken.length === 0) {
    log("comparing under writes");
    await using writers = await writersOn(rig, { ...size, workers: size.writers, numbers: clean, random });
    const end = performance.now() + (full ? 60 : seconds) * 1_000;
    do await check("under writes");
    while (performance.now() < end && !signal.aborted && broken.length === 0);
    await writers.stop();
    await check("after the writes");
    written = writers.written();
  }
  const fetched = Math.max(...atRest.aggregates.map((one) => one.fetched));
  const perFinding = Math.ceil(fetched / Math.max(1, expected.size));
  if (perFinding > 2_000) broken.push(`${perFinding} rows were read singly for each finding`);
  return {
    counts: { ...counts, writes: written, "read singly a finding": perFinding },
    broken: [...new Set(broken)],
  };
}

const comparison =
  (rig: Rig, sabotage: string | null): (() => Promise<Comparison>) =>
  async () => {
    const sides: CompareOptions["sides"] = sabotage === null ? undefined : sabotageOf[sabotage];
    return compareModule({
      module: vuln,
      postgres: rig.postgres.pool,
      mongo: rig.mongo.db,
      view: await rig.view(),
      only: [definition.table],
      findingsLimit: 100_000,
      ...(sides === undefined ? {} : { sides }),
    });
  };

/** Faults on keys that are drawn, each on keys of its own; the last key of all gets one too. And keys that hold none, for the writers. */
async function plant(rig: Rig, random: Random, rows: number, each: number) {
  const drawn = new Set<number>([lastOf(rows)]);
  while (drawn.size < kinds.length * each) drawn.add(1 + random.below(rows));
  const numbers = [...drawn];
  const expected = new Map<string, string>();
  for (const [i, [kind, { plant: put, found }]] of kinds.entries()) {
    // The first key drawn is the last of the table: it gets a fault that only a digest shows.
    const mine = numbers
      .filter((_, at) => at % kinds.length === (i + kinds.length - contentAt) % kinds.length)
      .map(keyOf);
    await put(rig, mine);
    const [name = "", ...paths] = found.split(" ");
    for (const { tenant, id } of mine) expected.set([name, `${tenant}/${id}`, ...paths].join(" "), kind);
  }
  const clean: number[] = [];
  while (clean.length < 200) {
    const n = 1 + random.below(rows);
    if (!drawn.has(n)) clean.push(n);
  }
  await lag(rig, clean.slice(0, lagging).map(keyOf));
  return { expected, clean: [...new Set(clean)] };
}

const contentAt = kinds.findIndex(([kind]) => kind === "another text");

/** The greatest key in the order of both databases. */
const lastOf = (rows: number): number => {
  for (let n = rows; n > 0; n -= 1) if (keyOf(n).tenant === "acme-2") return n;
  return rows;
};

function differences(expected: ReadonlyMap<string, string>, { aggregates }: Comparison): readonly string[] {
  const found = new Set(
    aggregates.flatMap(({ findings }) =>
      findings.map(({ class: kind, tenant, id, paths }) =>
        [kind, `${tenant}/${id}`, ...paths.map(({ path }) => path)].join(" "),
      ),
    ),
  );
  return [
    ...[...expected].filter(([line]) => !found.has(line)).map(([line, kind]) => `${kind} was not found: ${line}`),
    ...[...found].filter((line) => !expected.has(line)).map((line) => `false alarm: ${line}`),
  ];
}
