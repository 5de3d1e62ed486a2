import { compareAggregateRanges } from "./ranges-now.ts";
import { prepare, type CompareOptions } from "./prepare.ts";
import type { Comparison } from "./comparison.ts";

/**
 * - `holds`: both databases have today what the receipt states;
 * - `changed`: they have the same content as each other, but another one than the receipt states: written since;
 * - `differs`: they have different content; so had they when the receipt was written, or one of them was changed since.
 */
export type RangeState = "holds" | "changed" | "differs";

export interface RecomputedAggregate {
  readonly aggregate: string;
  readonly ranges: Readonly<Record<RangeState, number>>;
  /** Ranges that do not hold: behind which key, up to which. The first hundred. */
  readonly not: readonly { readonly after: string | null; readonly upTo: string | null; readonly state: RangeState }[];
}

export interface Recomputed {
  /** Every range holds, under the same epoch. */
  readonly holds: boolean;
  readonly epoch: { readonly stated: string; readonly now: string };
  readonly aggregates: readonly RecomputedAggregate[];
}

/** Computes the digests of a receipt's ranges anew, on both databases as they are now. */
export async function recomputeReceipt(options: CompareOptions, stated: Comparison): Promise<Recomputed> {
  const only = stated.aggregates.map(({ aggregate }) => aggregate);
  const aggregates: RecomputedAggregate[] = [];
  const tenant = stated.tenant === null ? {} : { tenant: stated.tenant };
  for (const prepared of await prepare({ ...options, ...tenant, only })) {
    const { table } = prepared.layout.definition;
    const ranges = stated.aggregates.find(({ aggregate }) => aggregate === table)?.ranges ?? [];
    aggregates.push(await compareAggregateRanges(prepared, ranges));
  }
  const epoch = { stated: stated.epoch, now: String(options.view.epoch) };
  const holds = aggregates.every(({ ranges }) => ranges.changed === 0 && ranges.differs === 0);
  return { holds: holds && epoch.stated === epoch.now, epoch, aggregates };
}
