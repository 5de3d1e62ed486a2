import type { Aggregate } from "@stellaops/kernel";
import type { Statement } from "./batch.ts";
import { columnFor, Parameters, returned } from "./guarded.ts";

/** The tenant's own row, not one marked as deleted, in which the fields of a unique key have the given values. */
export function ownStatement(definition: Aggregate, key: Readonly<Record<string, unknown>>, tenant: string): Statement {
  const { module, table } = definition;
  const columnOf = columnFor(definition);
  const params = new Parameters(tenant);
  const same = Object.entries(key).map(([field, value]) => {
    const { column, kind } = columnOf(field);
    return `"${column}" = ${params.add(kind, value)}`;
  });
  const live = definition.soft && !("id" in key) ? ["deleted_at is null"] : [];
  const where = ["tenant_id = $1", ...same, ...live].join(" and ");
  return params.bind(`select ${returned(definition)} from "${module}"."${table}" where ${where}`);
}
