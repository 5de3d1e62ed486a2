import { systemClock } from "@stellaops/kernel";
import { compareAggregate } from "./aggregate.ts";
import { cannotSee } from "./cannot-see.ts";
import type { AggregateComparison, Comparison } from "./comparison.ts";
import { prepare, type CompareOptions } from "./prepare.ts";

/**
 * Compares one module between the two databases, in full and both ways, on raw rows and raw BSON. May run under writes: what differs is
 * looked at again on the primary, the secondary and the primary, and what is on its way is told apart from what is wrong. Writes nothing.
 * @throws `COMPARE_ROLE`, `COMPARE_INDEX_MISSING`, `COMPARE_COLUMN_MISSING` (refused), `AGGREGATE_UNKNOWN` (data)
 */
export async function compareModule(options: CompareOptions): Promise<Comparison> {
  const { module, view, clock = systemClock } = options;
  const startedAt = clock.now().toISOString();
  const aggregates: AggregateComparison[] = [];
  for (const prepared of await prepare(options)) aggregates.push(await compareAggregate(prepared));
  return {
    module: module.name,
    primary: view.primary,
    epoch: String(view.epoch),
    generation: String(view.generation),
    startedAt,
    finishedAt: clock.now().toISOString(),
    toolVersion: options.toolVersion ?? null,
    tenant: options.tenant ?? null,
    equal: aggregates.every(({ equal }) => equal),
    aggregates,
    cannotSee,
  };
}
