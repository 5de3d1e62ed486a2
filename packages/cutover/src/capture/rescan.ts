import { retryTransient, type Aggregate, type ModuleDefinition } from "@stellaops/kernel";
import { registerCollection, type Mongo, type RegisterEntry } from "@stellaops/mongo";
import type { Db } from "mongodb";
import type { NamedKey } from "../adopt/names.ts";
import { rawPages } from "../adopt/pages.ts";
import type { Finding } from "../compare/comparison.ts";
import { readDocument } from "../compare/mongo/bson.ts";
import type { StageView } from "../view.ts";
import { catchUpOf, keyOf } from "./catch-up.ts";

export interface RescanOptions {
  readonly module: ModuleDefinition;
  readonly mongo: Mongo;
  /** The stage as it is now: MongoDB must be the primary, and something be replicated. */
  readonly view: () => Promise<StageView>;
  readonly signal?: AbortSignal;
}

export interface Rescanned {
  readonly documents: number;
  /** Documents whose form or revision did not agree with the register. */
  readonly stamped: number;
  /** Keys that the register had as live and that have no document. */
  readonly deleted: number;
}

/**
 * Finds what other programs wrote while nothing was captured, as far as documents and register show it: documents without a revision, at
 * another one, in another form, or gone. A change that left form and revision as they were is found by a comparison only: see `catchUpOn`.
 */
export async function rescan(options: RescanOptions): Promise<Rescanned> {
  const { module, mongo, view, signal } = options;
  const catchUp = catchUpOf(mongo, module);
  let [documents, stamped, deleted] = [0, 0, 0];
  for (const aggregate of module.aggregates) {
    for await (const page of rawPages(mongo.db, aggregate.table, { size: 200, after: undefined })) {
      signal?.throwIfAborted();
      const names = page.documents.map((bytes) => readDocument(bytes).document["_id"]);
      stamped += await retryTransient(async () => catchUp.page(aggregate, names, await view()));
      documents += names.length;
    }
    for await (const key of gone(mongo.db, aggregate)) {
      signal?.throwIfAborted();
      const outcome = await retryTransient(async () => catchUp.key(aggregate, key, await view()));
      deleted += outcome === "stamped" ? 1 : 0;
    }
  }
  return { documents, stamped, deleted };
}

const batch = 500;

/** Keys that the register has as live, and that have no document; "0" is the character after "/". */
async function* gone(db: Db, aggregate: Aggregate): AsyncGenerator<NamedKey> {
  const { table } = aggregate;
  const entries = db
    .collection<RegisterEntry>(registerCollection)
    .find({ _id: { $gte: `${table}/`, $lt: `${table}0` }, deleted: false }, { projection: { tenantId: 1, id: 1 } });
  let some: NamedKey[] = [];
  for await (const { tenantId, id } of entries) {
    some.push(keyOf(tenantId, id));
    if (some.length < batch) continue;
    yield* await without(db, aggregate, some);
    some = [];
  }
  yield* await without(db, aggregate, some);
}

/** Those of the keys that have no document. */
async function without(db: Db, { table }: Aggregate, keys: readonly NamedKey[]): Promise<readonly NamedKey[]> {
  const tenants = new Set(keys.map(({ tenant }) => tenant));
  if (tenants.size === 0) return [];
  const of = [...tenants].map((tenantId) => ({
    tenantId,
    id: { $in: keys.flatMap(({ tenant, id }) => (tenant === tenantId ? [id] : [])) },
  }));
  const found = await db
    .collection<{ tenantId: string; id: string }>(table)
    .find({ $or: of }, { projection: { _id: 0, tenantId: 1, id: 1 } })
    .toArray();
  const there = new Set(found.map(({ tenantId, id }) => `${tenantId}/${id}`));
  return keys.filter(({ tenant, id }) => !there.has(`${tenant}/${id}`));
}

/** Keys in which the databases differ are replicated anew from MongoDB, which is the primary. How many. */
export async function catchUpOn(options: RescanOptions, findings: readonly Finding[]): Promise<number> {
  const { module, mongo, view, signal } = options;
  const catchUp = catchUpOf(mongo, module);
  let stamped = 0;
  for (const { aggregate: table, tenant, id } of findings) {
    signal?.throwIfAborted();
    const aggregate = module.aggregates.find((one) => one.table === table);
    if (aggregate === undefined || tenant === null || id === null) continue;
    const outcome = await retryTransient(async () => catchUp.key(aggregate, keyOf(tenant, id), await view()));
    stamped += outcome === "stamped" ? 1 : 0;
  }
  return stamped;
}
