import type { Aggregate } from "@stellaops/kernel";

/** Where a statement finds the generation and the pending mark among its parameters, and the tenant at `$1`. */
export interface Slots {
  readonly tenant: string;
  readonly generation: string;
  readonly pending: string;
}

const columns = "(tenant_id, module, aggregate, id, generation, revision, deleted, pending)";
const key = "(tenant_id, module, aggregate, id)";

/**
 * Enters what a statement changed, as a CTE of that same statement: `from` gives id and revision.
 * Row first, register second: the row's lock is what orders two writers of one key, and both hold it when they come here.
 */
export const enter = ({ module, table }: Aggregate, from: string, deleted: boolean, slots: Slots): string =>
  `register_in as (insert into cutover.register as g ${columns}
  select ${slots.tenant}, '${module}', '${table}', id, ${slots.generation}::bigint, revision, ${deleted}, ${slots.pending}::boolean from ${from} order by id
  on conflict ${key} do update set generation = excluded.generation, revision = excluded.revision, deleted = excluded.deleted, pending = excluded.pending, refusal = null, changed_at = excluded.changed_at
  where (g.generation, g.revision) < (excluded.generation, excluded.revision))`;

/**
 * For a creation the register comes first: it knows the tombstone that a re-created key continues above, and a live key gives no row,
 * so that nothing is inserted.
 */
export const enterNew = ({ module, table }: Aggregate, from: string, slots: Slots): string =>
  `register_in as (insert into cutover.register as g ${columns}
  select ${slots.tenant}, '${module}', '${table}', id, ${slots.generation}::bigint, 1, false, ${slots.pending}::boolean from ${from} order by id
  on conflict ${key} do update set generation = excluded.generation, revision = g.revision + 1, deleted = false, pending = excluded.pending, refusal = null, changed_at = excluded.changed_at
  where g.deleted returning id, revision)`;

/**
 * A change that a repository file spells out itself, entered as it returns. The statement's own parameters come first,
 * then tenant, generation and pending.
 */
export function enteredText(
  definition: Aggregate,
  { text, slots }: { text: string; slots: readonly unknown[] },
): string {
  const at = (n: number) => `$${slots.length + n}`;
  const own: Slots = { tenant: at(1), generation: at(2), pending: at(3) };
  return `with changed as (${text}),\n ${enter(definition, "changed", false, own)}\n select * from changed`;
}
