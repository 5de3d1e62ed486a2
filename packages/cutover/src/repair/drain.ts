import { retryTransient, type ModuleDefinition } from "@stellaops/kernel";
import { copyKeys } from "../replication/copy.ts";
import { aggregatesOf, from, grouped, nameOf, type Replicas } from "../replication/pair.ts";
import type { StageView } from "../view.ts";

const batch = 500;

/** Applies what is pending at the primary, once a key; how many keys were applied. What is parked is tried once more. */
export async function drainOnce({
  module,
  replicas,
  view,
  signal,
}: {
  readonly module: ModuleDefinition;
  readonly replicas: Replicas;
  readonly view: Pick<StageView, "primary" | "generation">;
  readonly signal?: AbortSignal;
}): Promise<number> {
  const aggregates = aggregatesOf(module);
  const source = replicas[view.primary];
  await source.unpark();
  const seen = new Set<string>();
  for (let applied = 0; ;) {
    const pending = await source.pending(batch);
    const fresh = pending.filter((key) => !seen.has(nameOf(key)));
    // A key that is written all the time would hold this up for ever.
    if (fresh.length === 0) return applied;
    for (const group of grouped(fresh)) {
      signal?.throwIfAborted();
      const [first] = group;
      const aggregate = first === undefined ? undefined : aggregates.get(first.aggregate);
      if (first === undefined || aggregate === undefined) continue;
      const keys = { aggregate, tenant: first.tenant, ids: group.map(({ id }) => id) };
      const copied = await retryTransient(
        () => copyKeys(from(replicas, view.primary), keys, view.generation),
        signal === undefined ? {} : { signal },
      );
      applied += copied.applied;
    }
    for (const key of fresh) seen.add(nameOf(key));
  }
}
