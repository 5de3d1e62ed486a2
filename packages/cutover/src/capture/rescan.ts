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
    for await (const key of liveEntries(mongo.db, aggregate)) {
      signal?.throwIfAborted();
      if (await isThere(mongo.db, aggregate, key)) continue;
      const outcome = await retryTransient(async () => catchUp.key(aggregate, key, await view()));
      deleted += outcome === "stamped" ? 1 : 0;
    }
  }
  return { documents, stamped, deleted };
}

/** Keys that the register has as live; "0" is the character after "/". */
async function* liveEntries(db: Db, { table }: Aggregate): AsyncGenerator<NamedKey> {
  const entries = db
    .collection<RegisterEntry>(registerCollection)
    .find({ _id: { $gte: `${table}/`, $lt: `${table}0` }, deleted: false }, { projection: { tenantId: 1, id: 1 } });
  for await (const { tenantId, id } of entries) yield keyOf(tenantId, id);
}

const isThere = async (db: Db, { table }: Aggregate, { tenant: tenantId, id }: NamedKey): Promise<boolean> =>
  (await db.collection(table).findOne({ tenantId, id }, { projection: { _id: 1 } })) !== null;

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
