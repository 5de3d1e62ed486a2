import type { Aggregate } from "@stellaops/kernel";
import {
  among,
  enteredNow,
  insertStatesText,
  tableCodec,
  Text,
  wholeColumns,
  type TableCodec,
} from "@stellaops/postgres";
import type { KeyState } from "../replication/replica.ts";
import { buryText } from "./bury-text.ts";

const sweepBatch = 2_000;

/** SQL of one aggregate's replication, made once. */
export interface ReplicaTexts {
  readonly codec: TableCodec<Aggregate>;
  readonly read: Text;
  readonly scan: Text;
  /** Up to and with a last key. */
  readonly scanTo: Text;
  readonly enter: Text;
  /** Gives the ids of those that it has entered. */
  readonly enterMany: Text;
  /** Refuses what would change a row that never changes; null where all may. */
  readonly hold: Text | null;
  readonly remove: Text;
  readonly insert: Text;
  readonly removeMany: Text;
  readonly there: Text;
  readonly clear: Text;
  readonly park: Text;
  readonly pending: Text;
  readonly sweepRows: Text;
  readonly sweepEntries: Text;
}

/** States as the JSON parameter that the statements below take. */
export const keysOf = (states: readonly KeyState[]): string =>
  JSON.stringify(
    states.map(({ id, generation, revision, deleted }) => ({
      id,
      generation: String(generation),
      revision: String(revision),
      deleted,
    })),
  );

const keyed = "as r(id uuid, generation bigint, revision bigint, deleted boolean)";

export function replicaTexts(aggregate: Aggregate): ReplicaTexts {
  const { module, table, frozen, appendOnly, retain } = aggregate;
  const name = `"${module}"."${table}"`;
  const columns = wholeColumns(aggregate);
  const entry = `g.tenant_id = $1 and g.module = '${module}' and g.aggregate = '${table}'`;
  // Exactly what this transaction has entered: where the register refused a state, the row that is there stays.
  const won = `join cutover.register g on ${entry} and g.id = r.id and ${enteredNow}
 and g.generation = r.generation and g.revision = r.revision`;
  // At the revision that is there a frozen row is that row: a newer generation stamps its entry and leaves it alone.
  const changed = "(r.deleted or t.revision <> r.revision)";
  const scan = (range: string) =>
    new Text(
      `select coalesce(g.generation, 0) as g_generation, ${columns}
 from (select * from ${name} where (tenant_id, id) > ($1, $2)${range} order by tenant_id, id limit $3) "${table}"
 left join cutover.register g on g.tenant_id = "${table}".tenant_id and g.module = '${module}' and g.aggregate = '${table}' and g.id = "${table}".id
 order by "${table}".tenant_id, "${table}".id`,
    );
  const enter = `insert into cutover.register as g (tenant_id, module, aggregate, id, generation, revision, deleted, pending)
 select $1, '${module}', '${table}', r.id, r.generation, r.revision, r.deleted, false from json_to_recordset($2::json) ${keyed} order by r.id
 on conflict (tenant_id, module, aggregate, id) do update
 set generation = excluded.generation, revision = excluded.revision, deleted = excluded.deleted, pending = false, refusal = null, changed_at = excluded.changed_at
 where (g.generation, g.revision) < (excluded.generation, excluded.revision)`;
  return {
    codec: tableCodec(aggregate),
    read: new Text(
      `select g.id as g_id, g.generation as g_generation, g.revision as g_revision, g.deleted as g_deleted, ${columns}
 from cutover.register g left join ${name} on "${table}".tenant_id = g.tenant_id and "${table}".id = g.id
 where ${entry} and g.id = any($2::uuid[])`,
    ),
    scan: scan(""),
    scanTo: scan(" and (tenant_id, id) <= ($4, $5)"),
    enter: new Text(enter),
    enterMany: new Text(`${enter} returning g.id`),
    hold:
      frozen === null
        ? null
        : new Text(
            `select "${module}_app".refuse_change('${table}') from ${name} t, json_to_recordset($2::json) ${keyed} ${won} where t.tenant_id = $1 and t.id = r.id and ${among(frozen, "t")} and ${changed}`,
          ),
    // Deleted and inserted anew in one transaction: unique values may move between the rows of a batch, in any order.
    remove: new Text(
      appendOnly && retain !== null
        ? buryText(aggregate, { keyed, won })
        : `delete from ${name} t using json_to_recordset($2::json) ${keyed} ${won} where t.tenant_id = $1 and t.id = r.id${frozen === null ? "" : ` and not (${among(frozen, "t")} and not ${changed})`}`,
    ),
    insert: new Text(insertStatesText(aggregate)),
    // A look-up a key, whatever the planner knows of tables that were empty a moment ago. The register holds the rows still meanwhile.
    removeMany: new Text(
      `delete from ${name} where ctid = any(array(select (select t.ctid from ${name} t where t.tenant_id = $1 and t.id = k.id) from unnest($2::uuid[]) k(id)))`,
    ),
    there: new Text(
      `select k.id, (select t.revision from ${name} t where t.tenant_id = $1 and t.id = k.id) as revision from unnest($2::uuid[]) k(id)`,
    ),
    clear: new Text(
      `update cutover.register g set pending = false, refusal = null from json_to_recordset($2::json) ${keyed}
 where ${entry} and g.id = r.id and g.generation = r.generation and g.revision = r.revision and g.pending`,
    ),
    park: new Text(
      `insert into cutover.register as g (tenant_id, module, aggregate, id, generation, revision, deleted, pending, refusal)
 select $1, '${module}', '${table}', r.id, r.generation, r.revision, r.deleted, true, $3 from json_to_recordset($2::json) ${keyed}
 on conflict (tenant_id, module, aggregate, id) do update
 set generation = excluded.generation, pending = true, refusal = excluded.refusal
 where (g.generation, g.revision) <= (excluded.generation, excluded.revision)`,
    ),
    pending: new Text(
      `select g.id, g.revision from cutover.register g where ${entry} and g.pending and g.refusal is null limit $2`,
    ),
    // In pages of the key's order, with a look-up a row: as a join, on tables without statistics, it took the square of their size.
    sweepRows: new Text(
      `with page as materialized (select ctid as at, tenant_id, id,
   (select g.generation from cutover.register g where g.tenant_id = t.tenant_id and g.module = '${module}' and g.aggregate = '${table}' and g.id = t.id) as generation
   from ${name} t where (tenant_id, id) > ($2, $3) order by tenant_id, id limit ${sweepBatch}),
 gone as (delete from ${name} where ctid = any(array(select at from page where generation is null or generation < $1)) returning 1)
 select (select count(*) from gone) as swept, l.tenant_id, l.id from (select tenant_id, id from page order by tenant_id desc, id desc limit 1) l`,
    ),
    // The condition stands twice: what an apply has raised since it was found is judged anew.
    sweepEntries: new Text(
      `delete from cutover.register where generation < $1 and ctid = any(array(select ctid from cutover.register
 where module = '${module}' and aggregate = '${table}' and generation < $1 limit ${sweepBatch}))`,
    ),
  };
}
