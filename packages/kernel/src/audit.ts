import type { Aggregate, AggregateOf, Stored } from "./aggregate.ts";
import { instant, json, text } from "./field.ts";
import type { Page, PageRequest } from "./page.ts";
import type { Reader } from "./repository.ts";
import type { Purging } from "./retention.ts";

/** Who did what to what, and when. */
export const auditFields = {
  actor: text(200),
  action: text(200),
  targetKind: text(200),
  targetId: text(200),
  details: json(),
  occurredAt: instant(),
};
export const auditRules = {
  appendOnly: true,
  retain: { by: "occurredAt", least: 30 },
  indexes: [["targetKind", "targetId", "occurredAt"]],
} as const;
export type AuditShape = typeof auditFields;

/** At most so many entries at once. */
export const auditBatch = 1_000;

export interface Audit<A extends Aggregate> extends Reader<A>, Purging {
  /** All or none; at most 1,000. @throws `BATCH_TOO_LARGE`, `BATCH_DUPLICATE` (data), `REVISION_CONFLICT` when an id is there already */
  append(entries: readonly AggregateOf<A>[]): Promise<void>;
  /** The newest first, by `occurredAt`, then id. */
  listByTarget(targetKind: string, targetId: string, request?: PageRequest): Promise<Page<Stored<A>>>;
}
