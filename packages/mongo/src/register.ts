import type { Aggregate, Register } from "@stellaops/kernel";
import type { ClientSession, Collection } from "mongodb";
import type { Unit } from "./unit.ts";

export interface RegisterEntry {
  /** `<aggregate>/<tenant>/<id>` */
  readonly _id: string;
  readonly aggregate: string;
  readonly tenantId: string;
  readonly id: string;
  readonly generation: bigint;
  readonly revision: bigint;
  readonly deleted: boolean;
  readonly pending: boolean;
  /** Why the other database refused it: the key is parked until it is written again or repaired. */
  readonly refusal: string | null;
  /** When the key last changed, by the clock of whoever changed it; absent: before this was kept. */
  readonly changedAt?: Date;
}

export interface Changed {
  readonly id: string;
  readonly revision: bigint;
}

export const registerCollection = "register";
export const registerKey = (aggregate: string, tenant: string, id: string): string => `${aggregate}/${tenant}/${id}`;

/** What it takes to enter the register, inside a unit of work or any other transaction. */
export type Entering = Pick<Unit, "tenant" | "db" | "session" | "register">;

const entries = ({ db }: Entering): Collection<RegisterEntry> => db.collection<RegisterEntry>(registerCollection);
const within = ({ session }: Entering): { session?: ClientSession } => (session === undefined ? {} : { session });

/** Enters what a unit changed. The snapshot makes the guard: two units that change one key collide on its document. */
export async function enter(
  unit: Entering,
  { table }: Aggregate,
  changed: readonly Changed[],
  deleted = false,
): Promise<void> {
  const { register, tenant } = unit;
  if (register === null || changed.length === 0) return;
  const operations = changed.map(({ id, revision }) => ({
    replaceOne: {
      filter: { _id: registerKey(table, tenant, id) },
      replacement: entryOf(register, table, tenant, id, revision, deleted),
      upsert: true,
    },
  }));
  await entries(unit).bulkWrite(operations, { ordered: true, ...within(unit) });
  register.touched(
    table,
    changed.map(({ id }) => id),
  );
}

const entryOf = (
  { generation, pending }: Register,
  aggregate: string,
  tenantId: string,
  id: string,
  revision: bigint,
  deleted: boolean,
): Omit<RegisterEntry, "_id"> => ({
  aggregate,
  tenantId,
  id,
  generation,
  revision,
  deleted,
  pending,
  refusal: null,
  changedAt: new Date(),
});

/**
 * For a creation the register comes first: it knows the tombstone that a re-created key continues above, and answers with the revision.
 * A live key makes the upsert collide on `_id`, which is the conflict that the caller is told.
 */
export async function enterNew(
  unit: Entering,
  { table }: Aggregate,
  ids: readonly string[],
): Promise<ReadonlyMap<string, bigint>> {
  const { register, tenant } = unit;
  if (register === null || ids.length === 0) return new Map();
  const operations = ids.map((id) => ({
    updateOne: {
      filter: { _id: registerKey(table, tenant, id), deleted: { $ne: false } },
      update: [newEntry(register, table, tenant, id)],
      upsert: true,
    },
  }));
  await entries(unit).bulkWrite(operations, { ordered: true, ...within(unit) });
  register.touched(table, ids);
  // Only a key that was there before has another revision than 1: seldom, and then worth the second round trip.
  const keys = ids.map((id) => registerKey(table, tenant, id));
  const revived = await entries(unit)
    .find({ _id: { $in: keys }, revision: { $gt: 1n } }, within(unit))
    .toArray();
  return new Map(revived.map(({ id, revision }) => [id, revision]));
}

const newEntry = ({ generation, pending }: Register, aggregate: string, tenantId: string, id: string) => ({
  $set: {
    aggregate: { $literal: aggregate },
    tenantId: { $literal: tenantId },
    id: { $literal: id },
    generation,
    revision: { $add: [{ $ifNull: ["$revision", 0n] }, 1n] },
    deleted: false,
    pending,
    refusal: null,
    changedAt: "$$NOW",
  },
});
