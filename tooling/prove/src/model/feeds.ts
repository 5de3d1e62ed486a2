import { dataError, normalisePart, revisionOf, type PageRequest, type TenantId } from "@stellaops/kernel";
import type { Advance, Failure } from "@stellaops/vuln";
import { definitions } from "./aggregates.ts";
import { common, pageOf } from "./common.ts";
import type { Row, Table } from "./table.ts";

export const sourcesOf = (table: Table, tenant: TenantId) => ({
  ...common(table, tenant),
  findByKey(given: string) {
    const { key } = normalisePart(definitions.sources, { key: given });
    return table.first(tenant, (row) => row["key"] === key);
  },
  listEnabled: (request?: PageRequest) =>
    pageOf(
      table.visible(
        tenant,
        (row) => row["enabled"] === true,
        (row) => [Number(row["priority"]), String(row["key"])],
      ),
      request,
    ),
});

export const sourceStatesOf = (table: Table, tenant: TenantId) => {
  const ofSource =
    (sourceId: string) =>
    (row: Row): boolean =>
      row["sourceId"] === sourceId;
  return {
    ...common(table, tenant),
    findBySource(given: string) {
      const { sourceId } = normalisePart(definitions.sourceStates, { sourceId: given });
      return table.first(tenant, ofSource(sourceId));
    },
    advanceCursor({ sourceId, expected, cursor, at }: Advance) {
      revisionOf(expected);
      const clean = normalisePart(definitions.sourceStates, { sourceId, cursor, updatedAt: at });
      const [row] = table.own(tenant, (one) => ofSource(sourceId)(one) && one.revision === expected);
      if (row === undefined) return null;
      const cleared = { lastSuccessAt: at, lastError: null, failures: 0n, backoffUntil: null, updatedAt: at };
      return table.change(row, { cursor: clean.cursor, ...cleared });
    },
    recordFailure({ sourceId, error, backoffUntil, at }: Failure) {
      const clean = normalisePart(definitions.sourceStates, {
        sourceId,
        lastError: error,
        backoffUntil,
        updatedAt: at,
      });
      const [row] = table.own(tenant, ofSource(sourceId));
      if (row === undefined) return null;
      const failures = (row["failures"] as bigint) + 1n;
      if (failures >= 2n ** 63n) throw dataError("VALUE_OUT_OF_RANGE", "the counter is at its end");
      return table.change(row, { failures, lastError: clean.lastError, backoffUntil, updatedAt: at });
    },
  };
};
