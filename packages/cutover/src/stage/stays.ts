import { noReads, type ShadowCounts, type ShadowTable, type ShadowTables } from "../module/shadow-counts.ts";

/**
 * Shadow reads of all stays from the epoch asked for until `last`, at both databases. A rehearsal passes through stays of moments in which nobody
 * has read enough: what was read before it began speaks for them, and what differs in any of them speaks against.
 */
export function shadowsUntil(shadows: ShadowTables, last: bigint): ShadowTables {
  const over = (table: ShadowTable): ShadowTable => ({
    tell: (epoch, instance, counts) => table.tell(epoch, instance, counts),
    async totals(first) {
      let sum = noReads;
      for (let epoch = first; epoch <= last; epoch += 1n)
        for (const one of [shadows.mongo, shadows.postgres]) sum = plus(sum, await one.totals(epoch));
      return sum;
    },
  });
  return { mongo: over(shadows.mongo), postgres: over(shadows.postgres) };
}

const plus = (a: ShadowCounts, b: ShadowCounts): ShadowCounts => ({
  sampled: a.sampled + b.sampled,
  agreed: a.agreed + b.agreed,
  lagged: a.lagged + b.lagged,
  differed: a.differed + b.differed,
  failed: a.failed + b.failed,
});
