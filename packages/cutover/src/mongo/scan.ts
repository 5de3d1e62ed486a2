import type { Aggregate, TenantId } from "@stellaops/kernel";
import {
  registerCollection,
  registerKey,
  type DocumentCodec,
  type RegisterEntry,
  type StoredDocument,
} from "@stellaops/mongo";
import type { Db } from "mongodb";
import type { Position, Scanned } from "../replication/replica.ts";
import type { Moment } from "./repeatable.ts";
import { revisionOf, stateOf } from "./states.ts";

export interface Page {
  readonly aggregate: Aggregate;
  readonly codec: DocumentCodec<Aggregate>;
  readonly after: Position | null;
  readonly last: Position | null;
  readonly limit: number;
}

/** Bounds of the index itself: a filter on (tenant, id) would walk every key of the tenant before the position, page after page. */
const behind = ({ tenant, id }: Position) => ({ tenantId: tenant, id: `${id}\0` });

export async function scan(
  db: Db,
  at: Moment,
  { aggregate, codec, after, last, limit }: Page,
): Promise<readonly Scanned[]> {
  const { table } = aggregate;
  // Bounds that leave nothing between them are refused.
  if (after !== null && last !== null && after.tenant === last.tenant && after.id === last.id) return [];
  const cursor = db
    .collection<StoredDocument>(table)
    .find({}, { ...at, hint: `pk_${table}`, sort: { tenantId: 1, id: 1 }, limit });
  if (after !== null) cursor.min(behind(after));
  if (last !== null) cursor.max(behind(last));
  const found = await cursor.toArray();
  const keys = found.map(({ tenantId, id }) => registerKey(table, tenantId, id));
  const entries = await db
    .collection<RegisterEntry>(registerCollection)
    .find({ _id: { $in: keys } }, { ...at, projection: { generation: 1 } })
    .toArray();
  const generations = new Map(entries.map(({ _id, generation }) => [_id, generation]));
  return found.map((document, i) => {
    const { tenantId, id } = document;
    const generation = generations.get(keys[i] ?? "") ?? 0n;
    const entry = { id, generation, revision: revisionOf(document) ?? 0n, deleted: false };
    return { tenant: tenantId as TenantId, state: stateOf(codec, entry, document) };
  });
}
