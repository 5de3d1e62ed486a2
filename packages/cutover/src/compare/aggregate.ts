import { sha256 } from "@stellaops/kernel";
import type { AggregateComparison, Both, Finding } from "./comparison.ts";
import { Findings } from "./findings.ts";
import type { Look } from "./judge.ts";
import type { RangeSeen } from "./range.ts";
import { Rechecks } from "./rechecks.ts";
import { compareSpan, type SpanOptions, type SpanSeen } from "./span.ts";
import { spansOf } from "./spans.ts";

export interface AggregateOptions extends SpanOptions {
  /** What was found on the tables themselves. */
  readonly tables: readonly Finding[];
  readonly workers: number;
  readonly tenant: string | null;
  readonly onProgress: (progress: CompareProgress) => void;
}

export interface CompareProgress {
  readonly aggregate: string;
  readonly rows: Both<number>;
  readonly lagging: number;
  readonly findings: number;
}

/** One aggregate: its keys are cut into spans, which workers share; within a span digests of ranges are compared first. */
export async function compareAggregate(options: AggregateOptions): Promise<AggregateComparison> {
  const { layout, workers, tables } = options;
  const aggregate = layout.definition.table;
  const spans = await spansOf(options.both.mongo, workers, options.tenant);
  const seen: SpanSeen[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < spans.length; at = next++) {
      const span = spans[at];
      if (span !== undefined)
        seen[at] = await compareSpan(options, span, (now) => {
          seen[at] = now;
          options.onProgress(progressOf(aggregate, seen, tables.length));
        });
    }
  };
  const failed = (error: unknown): never => {
    next = spans.length;
    throw error;
  };
  const working = Array.from({ length: Math.min(workers, spans.length) }, () => work().catch(failed));
  // Nothing is left running behind a caller that was told of an error.
  await Promise.allSettled(working);
  await Promise.all(working);

  const found = new Findings(options.findingsLimit);
  found.add(tables);
  for (const { findings } of seen) found.join(findings);
  const lost = await lostElsewhere(options, seen, found);
  const total = progressOf(aggregate, seen, 0);
  const lagging = total.lagging + lost.lagging;
  const ranges = seen.flatMap((one) => one.ranges);
  return {
    aggregate,
    rows: total.rows,
    equal: found.count === 0 && lagging === 0,
    lagging,
    fetched: sum(seen, ({ fetched }) => fetched) + lost.fetched,
    digest: { mongo: digestOfAll(ranges, "mongo"), postgres: digestOfAll(ranges, "postgres") },
    ranges,
    findings: found.kept,
    moreFindings: found.more,
  };
}

/** Live keys of tenants that have no document: what PostgreSQL's register has as live too, its ranges have shown. */
async function lostElsewhere(options: AggregateOptions, seen: readonly SpanSeen[], found: Findings): Promise<Rechecks> {
  const rechecks = new Rechecks(options, found);
  const tenants = new Set(seen.flatMap((one) => [...one.tenants]));
  const shown = ({ before, secondary }: Look): boolean =>
    [before, secondary].some(({ record }) => record !== null) ||
    (options.primary === "postgres" ? before : secondary).register?.deleted === false;
  for await (const keys of options.both.mongo.elsewhere(tenants, options.tenant)) {
    await rechecks.add(
      keys.map((key) => ({ key, bytes: 0 })),
      (look) => !shown(look),
    );
  }
  await rechecks.flush((look) => !shown(look));
  return rechecks;
}

const sum = <T>(all: readonly T[], of: (one: T) => number): number => all.reduce((total, one) => total + of(one), 0);

const progressOf = (aggregate: string, seen: readonly SpanSeen[], more: number): CompareProgress => {
  const spans = seen.filter((one) => one !== undefined);
  return {
    aggregate,
    rows: { mongo: sum(spans, ({ rows }) => rows.mongo), postgres: sum(spans, ({ rows }) => rows.postgres) },
    lagging: sum(spans, ({ lagging }) => lagging),
    findings: more + sum(spans, ({ findings }) => findings.count),
  };
};

const digestOfAll = (ranges: readonly RangeSeen[], database: keyof Both<string>): string =>
  sha256(ranges.map(({ digest }) => digest[database] ?? "more rows").join("\n"));
