import type { Aggregate, Purge } from "@stellaops/kernel";
import type { Statement } from "./batch.ts";
import { changeStatement, columnFor, Parameters } from "./guarded.ts";
import type { Unit } from "./unit.ts";

export interface PurgeParts {
  readonly purge: Purge;
  /** Values of which a field must have one. */
  readonly only: Readonly<Record<string, readonly unknown[]>>;
}

/**
 * Deletes the oldest and gives what went, entered in the register as tombstones by the same statement. Services may not delete what is
 * append-only: there it is the function that the migration has made by `retain`, which holds the floor itself.
 */
export function purgeStatement(
  definition: Aggregate,
  { purge, only }: PurgeParts,
  { tenant, register }: Unit,
): Statement {
  const { module, table, appendOnly } = definition;
  const columnOf = columnFor(definition);
  const params = new Parameters(tenant);
  const before = params.add("instant", purge.before);
  const limit = params.raw(purge.limit, "integer");
  const changing = { params, register, deleted: true };
  if (appendOnly) {
    // The function asks for the tenant itself; a parameter that no text names has no type.
    const change = `select id, revision from "${module}_app"."purge_${table}"(${before}, ${limit}) where $1::text is not null`;
    return changeStatement(definition, { ...changing, change });
  }
  const among = Object.entries(only).map(([field, values]) => {
    const { column, kind } = columnOf(field);
    return `o."${column}" in (${values.map((value) => params.add(kind, value)).join(", ")})`;
  });
  const by = `o."${columnOf(purge.by).column}"`;
  const old = `${by} < least(${before}, now() - interval '1 hour' * ${24 * purge.least})`;
  const where = ["o.tenant_id = $1", old, ...among].join(" and ");
  const oldest = `select o.id from "${module}"."${table}" o where ${where} order by ${by}, o.id limit ${limit} for update skip locked`;
  const change = `delete from "${module}"."${table}" t where t.tenant_id = $1 and t.id = any(array(${oldest})) returning t.id, t.revision + 1 as revision`;
  return changeStatement(definition, { ...changing, change });
}
