import type { Aggregate, TenantId } from "@stellaops/kernel";
import {
  registerCollection,
  registerKey,
  type DocumentCodec,
  type RegisterEntry,
  type StoredDocument,
} from "@stellaops/mongo";
import type { AnyBulkWriteOperation, ClientSession, Db } from "mongodb";
import type { KeyState } from "../replication/replica.ts";
import { enterApply } from "./fence.ts";

export interface Apply {
  readonly aggregate: Aggregate;
  readonly codec: DocumentCodec<Aggregate>;
  readonly tenant: TenantId;
  readonly states: readonly KeyState[];
  readonly generation: bigint;
}

/** Inside a transaction: the register first, and then what it took. */
export async function apply(
  db: Db,
  session: ClientSession,
  { aggregate, codec, tenant, states, generation }: Apply,
): Promise<void> {
  const { table } = aggregate;
  await enterApply(db, session, generation);
  const register = db.collection<RegisterEntry>(registerCollection);
  const keys = states.map(({ id }) => registerKey(table, tenant, id));
  const entries = await register.find({ _id: { $in: keys } }, { session }).toArray();
  const before = new Map(entries.map((entry) => [entry.id, entry]));
  const won = states.filter((state) => isHigher(state, before.get(state.id)));
  if (won.length === 0) return;
  const changedAt = new Date();
  const entering = won.map(({ id, generation: at, revision, deleted }): AnyBulkWriteOperation<RegisterEntry> => {
    const _id = registerKey(table, tenant, id);
    const entry = { aggregate: table, tenantId: tenant, id, generation: at, revision, deleted, ...applied, changedAt };
    // An insert costs no look-up, and goes to the server in one piece with its like.
    return before.has(id)
      ? { replaceOne: { filter: { _id }, replacement: entry, upsert: true } }
      : { insertOne: { document: { _id, ...entry } } };
  });
  await register.bulkWrite(entering, { session, ordered: false });
  // Deleted and inserted anew in one transaction: unique values may move between the documents of a batch, in any order.
  const operations: AnyBulkWriteOperation<StoredDocument>[] = [
    { deleteMany: { filter: { tenantId: tenant, id: { $in: won.map(({ id }) => id) } } } },
  ];
  for (const { value, revision, id } of won)
    if (value !== null)
      operations.push({
        insertOne: { document: { _id: `${tenant}/${id}`, ...codec.encode(value as never, tenant, revision) } },
      });
  await db.collection<StoredDocument>(table).bulkWrite(operations, { session, ordered: true });
}

const applied = { pending: false, refusal: null };

const isHigher = (state: KeyState, before: RegisterEntry | undefined): boolean =>
  before === undefined ||
  state.generation > before.generation ||
  (state.generation === before.generation && state.revision > before.revision);
