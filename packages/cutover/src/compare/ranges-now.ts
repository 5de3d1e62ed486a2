import type { AggregateOptions } from "./aggregate.ts";
import { rawDocument } from "./mongo/raw.ts";
import { digestOf, type KeyRange, type RangeSeen, type Tables } from "./range.ts";
import type { CompareSides, Key } from "./record.ts";
import type { RangeState, RecomputedAggregate } from "./recompute.ts";

const named = 100;

/** The ranges that a receipt states for an aggregate, against what the databases hold of them now. */
export async function compareAggregateRanges(
  { layout, both, tenant, signal, onProgress }: AggregateOptions,
  stated: readonly RangeSeen[],
): Promise<RecomputedAggregate> {
  const aggregate = layout.definition.table;
  const ranges = { holds: 0, changed: 0, differs: 0 };
  const not: RecomputedAggregate["not"][number][] = [];
  const rows = { mongo: 0, postgres: 0 };
  let after: string | null = null;
  for (const { upTo, digest } of stated) {
    signal?.throwIfAborted();
    const range = { after: keyOf(after), upTo: keyOf(upTo), tenant };
    const [mongo, { tables: postgres }] = await Promise.all([
      documentsNow(both, range),
      both.postgres.digest(range, null),
    ]);
    const now = { mongo: digestOf(mongo), postgres: digestOf(postgres) };
    const state: RangeState =
      now.mongo !== now.postgres
        ? "differs"
        : now.mongo === digest.mongo && now.postgres === digest.postgres
          ? "holds"
          : "changed";
    ranges[state] += 1;
    if (state !== "holds" && not.length < named) not.push({ after, upTo, state });
    rows.mongo += mongo[0]?.count ?? 0;
    rows.postgres += postgres[0]?.count ?? 0;
    onProgress({ aggregate, rows: { ...rows }, lagging: 0, findings: ranges.differs });
    after = upTo;
  }
  return { aggregate, ranges, not };
}

async function documentsNow({ mongo }: CompareSides, range: KeyRange): Promise<Tables> {
  const digesting = mongo.digesting();
  for await (const batch of mongo.documents(range)) digesting.add(batch.map(rawDocument), true);
  return digesting.end();
}

/** Of `tenant/id`. */
function keyOf(text: string | null): Key | null {
  if (text === null) return null;
  const slash = text.lastIndexOf("/");
  return { tenant: text.slice(0, slash), id: text.slice(slash + 1) };
}
