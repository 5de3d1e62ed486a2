import type { Aggregate, Condition } from "@stellaops/kernel";
import type { Statement } from "./batch.ts";
import { codecOf } from "./codec.ts";
import { among } from "./frozen.ts";
import { columnFor, Parameters, returned } from "./guarded.ts";
import { isWrittenOut, literal } from "./literal.ts";

/** The tenant's own row, not one marked as deleted, in which the fields of a unique key have the given values. */
export function ownStatement(definition: Aggregate, key: Readonly<Record<string, unknown>>, tenant: string): Statement {
  const { module, table } = definition;
  const columnOf = columnFor(definition);
  const params = new Parameters(tenant);
  const same = Object.entries(key).map(([field, value]) => {
    const { column, kind } = columnOf(field);
    return `"${column}" = ${isWrittenOut(kind) ? literal(value) : params.add(kind, value)}`;
  });
  const live = definition.soft && !("id" in key) ? ["deleted_at is null"] : [];
  const where = ["tenant_id = $1", ...same, ...live].join(" and ");
  return params.bind(`select ${returned(definition)} from "${module}"."${table}" where ${where}`);
}

/** Gives a row where one of the tenant's own with these values meets a condition; of a field one value, or several of which it has one. */
export function meetsStatement(
  definition: Aggregate,
  condition: Condition,
  { where, tenant }: { readonly where: Readonly<Record<string, unknown>>; readonly tenant: string },
): Statement {
  const { module, table } = definition;
  const of = columnFor(definition);
  const params = new Parameters(tenant);
  const same = Object.entries(where).map(([field, value]) => {
    const { column, kind } = of(field);
    if (!Array.isArray(value)) return `"${column}" = ${params.add(kind, value)}`;
    return `"${column}" = any (${params.raw(value, `${codecOf(kind).sql}[]`)})`;
  });
  const all = ["tenant_id = $1", ...same, among(condition, `"${table}"`)].join(" and ");
  return params.bind(`select true as met from "${module}"."${table}" where ${all} limit 1`);
}
