import {
  byBytes,
  dataError,
  planIngest,
  refuseDuplicates,
  stale,
  type IngestPlan,
  type TenantId,
} from "@stellaops/kernel";
import type { Row, Table, Value } from "./table.ts";

/** A batch, clean, without duplicates, in the order of its keys. */
export function cleanBatch(table: Table, batch: readonly unknown[], max: number, key: string): readonly Value[] {
  refuseAbove(max, batch.length);
  const clean = batch.map((value) => table.clean(value));
  const keyOf = (value: Value): string => String(value[key]);
  refuseDuplicates(clean.map(keyOf));
  refuseDuplicates(clean.map(({ id }) => id));
  return clean.toSorted((a, b) => byBytes(keyOf(a), keyOf(b)));
}

export function refuseAbove(max: number, length: number): void {
  if (length > max) throw dataError("BATCH_TOO_LARGE", `at most ${max}`);
}

type Marked = (value: Value) => { readonly key: string; readonly mark: string };

export const plan = (stored: readonly Row[], batch: readonly Value[], markOf: Marked): IngestPlan<Value> =>
  planIngest(
    stored.map((row) => ({ ...row, createdAt: row["createdAt"] as Date, ...markOf(row) })),
    batch as readonly (Value & { readonly createdAt: Date })[],
    markOf,
  );

export function write(table: Table, tenant: TenantId, { create, replace }: IngestPlan<Value>): void {
  for (const { aggregate, expected } of replace) table.replace(tenant, aggregate, expected);
  const known = new Set(table.own(tenant).map(({ id }) => id));
  for (const value of create) {
    if (known.has(value.id)) throw stale(table.definition, 0n);
    table.create(tenant, value);
  }
}
