import { limitOf, type Page, type PageRequest, type TenantId } from "@stellaops/kernel";
import type { Table } from "./table.ts";

/** A page; what the databases give as a cursor is here a word that there is more. */
export function pageOf<T>(all: readonly T[], request: PageRequest = {}): Page<T> {
  const limit = limitOf(request);
  return { items: all.slice(0, limit), next: all.length > limit ? "more" : null };
}

/** The verbs of every repository. */
export const reading = (table: Table, tenant: TenantId) => ({
  get: (id: string) => table.get(tenant, id),
  list: (request?: PageRequest) =>
    pageOf(
      table.visible(tenant, () => true),
      request,
    ),
});

export const common = (table: Table, tenant: TenantId) => ({
  ...reading(table, tenant),
  put: (value: unknown, expected: bigint) => table.put(tenant, value, expected),
  delete: (id: string, expected: bigint) => table.delete(tenant, id, expected),
});
