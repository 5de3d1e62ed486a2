import { createHash } from "node:crypto";
import type { AggregateComparison, Both, Finding } from "./comparison.ts";
import { Findings } from "./findings.ts";
import { isWrong } from "./judge.ts";
import { merge } from "./merge.ts";
import { lostOnBoth } from "./orphans.ts";
import { shownAt } from "./paths.ts";
import { recheck, type Recheck, type RecheckOptions } from "./recheck.ts";
import type { Key, RawSide, ScanOptions, Unkeyed } from "./record.ts";
import type { Layout } from "./layout.ts";

export interface AggregateOptions extends RecheckOptions, ScanOptions {
  readonly both: Both<RawSide>;
  readonly findingsLimit: number;
  /** What was found on the tables themselves. */
  readonly tables: readonly Finding[];
  readonly onProgress: (progress: CompareProgress) => void;
}

export interface CompareProgress {
  readonly aggregate: string;
  readonly rows: Both<number>;
  readonly lagging: number;
  readonly findings: number;
}

/** Keys that are looked at again together. */
const batch = 100;

/** One aggregate: a scan of both databases side by side, and a second look at every key that was unequal. */
export async function compareAggregate(options: AggregateOptions): Promise<AggregateComparison> {
  const { layout, both, derived, signal } = options;
  const aggregate = layout.definition.table;
  const rows = { mongo: 0, postgres: 0 };
  const digests = { mongo: createHash("sha256"), postgres: createHash("sha256") };
  const found = new Findings(options.findingsLimit);
  let lagging = 0;
  let candidates: Key[] = [];

  const take = (result: Recheck): void => {
    found.add(result.findings);
    lagging += result.lagging;
    options.onProgress({ aggregate, rows: { ...rows }, lagging, findings: found.count });
  };
  const lookAgain = async (least: number): Promise<void> => {
    while (candidates.length >= least) {
      const keys = candidates.slice(0, batch);
      candidates = candidates.slice(batch);
      take(await recheck(options, keys));
    }
  };

  take({ findings: options.tables, lagging: 0 });
  await merge({
    pages: { mongo: both.mongo.pages(options), postgres: both.postgres.pages(options) },
    onPage(database, page) {
      rows[database] += page.rows.length + page.unkeyed.length;
      for (const { record } of [...page.rows, ...page.unkeyed]) digests[database].update(`${record?.line}\n`);
      found.add(page.unkeyed.map((document) => unkeyedFinding(layout, document)));
    },
    onPair({ mongo, postgres }) {
      const key = mongo?.key ?? postgres?.key;
      if (key === undefined) return;
      const unequal = mongo?.record?.line !== postgres?.record?.line;
      // Equal lines give equal derived fields: they are computed once.
      if (unequal || [mongo, postgres].some((state, i) => state && isWrong(state, i === 0 ? derived : () => [])))
        candidates.push(key);
    },
    async between() {
      signal?.throwIfAborted();
      await lookAgain(batch);
      take({ findings: [], lagging: 0 });
    },
  });
  await lookAgain(1);
  for await (const lost of lostOnBoth(options)) take(lost);
  return {
    aggregate,
    rows,
    equal: found.count === 0 && lagging === 0,
    lagging,
    digest: { mongo: digests.mongo.digest("hex"), postgres: digests.postgres.digest("hex") },
    findings: found.kept,
    moreFindings: found.more,
  };
}

const unkeyedFinding = (layout: Layout, { name, tenant, record }: Unkeyed): Finding => ({
  aggregate: layout.definition.table,
  tenant,
  id: name,
  class: "unreadable",
  paths: record.issues.map(({ path }) => ({ path, mongo: shownAt(layout, record, path), postgres: "absent" })),
  revisions: { mongo: record.revision, postgres: null },
  generations: { mongo: null, postgres: null },
});
