import {
  byBytes,
  canonical,
  canonicalJson,
  ingested,
  normalisePart,
  sha256,
  stale,
  type PageRequest,
  type TenantId,
} from "@stellaops/kernel";
import { definitions } from "./aggregates.ts";
import { cleanBatch, plan, refuseAbove, write } from "./batch.ts";
import { pageOf, reading } from "./common.ts";
import type { Table, Value } from "./table.ts";

/** Equal flags are left alone, whatever their ids and times. */
function markOf(flag: Value) {
  const { id: _, createdAt: __, updatedAt: ___, ...content } = canonical(definitions.kevFlags.shape, flag);
  return { key: String(flag["cve"]), mark: sha256(canonicalJson(content)) };
}

export const kevFlagsOf = (table: Table, tenant: TenantId) => ({
  ...reading(table, tenant),
  replaceAll(flags: readonly unknown[]) {
    const clean = cleanBatch(table, flags, 20_000, "cve");
    const found = plan(table.own(tenant), clean, markOf);
    for (const { id, revision } of found.gone) table.delete(tenant, id, revision);
    write(table, tenant, found);
    return { ...ingested(found), deleted: found.gone.length };
  },
  isKnownExploited(cves: readonly string[]) {
    refuseAbove(10_000, cves.length);
    const asked = new Set(cves.map((cve) => normalisePart(definitions.kevFlags, { cve }).cve));
    const found = table.visible(tenant, (row) => asked.has(String(row["cve"])));
    return [...new Set(found.map((row) => String(row["cve"])))].toSorted(byBytes);
  },
});

export const mergeEventsOf = (table: Table, tenant: TenantId) => ({
  ...reading(table, tenant),
  append(events: readonly unknown[]) {
    const clean = cleanBatch(table, events, 1_000, "id");
    const known = new Set(table.own(tenant).map(({ id }) => id));
    if (clean.some(({ id }) => known.has(id))) throw stale(table.definition, 0n);
    for (const event of clean) table.create(tenant, event);
  },
  listByAdvisory(key: string, request?: PageRequest) {
    const { advisoryKey } = normalisePart(definitions.mergeEvents, { advisoryKey: key });
    return pageOf(
      table.visible(
        tenant,
        (row) => row["advisoryKey"] === advisoryKey,
        (row) => [(row["mergedAt"] as Date).getTime()],
      ),
      request,
    );
  },
});
