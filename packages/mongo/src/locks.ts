import {
  acquisition,
  held,
  isFree,
  letGo,
  racedByKey,
  renewal,
  type Acquire,
  type Aggregate,
  type Held,
  type Holding,
  type Lease,
  type Locks,
  type LockShape,
  type LockState,
} from "@stellaops/kernel";
import type { Document } from "mongodb";
import { enter } from "./register.ts";
import { MongoRepository } from "./repository.ts";

/** Another program may have written a number. */
type Whole = bigint | number;
type Stored = LockState & { readonly id: string; readonly revision: Whole; readonly fencingToken: Whole };

/** For aggregates with `lockFields`. */
export abstract class MongoLocks<A extends Aggregate<string, LockShape>>
  extends MongoRepository<A>
  implements Locks<A>
{
  async acquire(request: Acquire): Promise<Held | null> {
    const lock = acquisition(this.definition, request);
    const update = taken({ ...this.encode(lock as never, 1n) });
    const before = await this.upsert<Stored>({ lockKey: lock.lockKey }, update).catch(racedByKey(this.definition));
    if (before !== null && !isFree(before, request)) return null;
    const changed = { id: before?.id ?? lock.id, revision: BigInt(before?.revision ?? 0n) + 1n };
    await this.entering(() => enter(this.unit, this.definition, [changed]));
    return held(lock, BigInt(before?.fencingToken ?? 0n) + 1n);
  }

  async renew(holding: Holding & Lease): Promise<boolean> {
    return (await this.guarded(renewal(this.definition, holding))) !== null;
  }

  async release(holding: Holding & { readonly at: Date }): Promise<boolean> {
    return (await this.guarded(letGo(this.definition, holding))) !== null;
  }
}

/**
 * Takes the lock where it is free, and leaves the document exactly as it is where it is held: that writes nothing, so that a held lock ends
 * no transaction, neither the asker's nor the holder's.
 */
function taken({ _id, tenantId, id, createdAt, lockKey, ...lock }: Document): readonly Document[] {
  const { holder, acquiredAt, expiresAt, updatedAt } = lock;
  const fresh = { $eq: [{ $type: "$fencingToken" }, "missing"] };
  const free = {
    $or: [
      fresh,
      { $in: ["$holder", [null, { $literal: holder }]] },
      { $eq: ["$expiresAt", null] },
      { $lte: ["$expiresAt", acquiredAt] },
    ],
  };
  const first = {
    _id: { $literal: _id },
    tenantId: { $literal: tenantId },
    id: { $literal: id },
    createdAt,
    lockKey: { $literal: lockKey },
  };
  const own = { $cond: [fresh, first, {}] };
  const next = (field: string) => ({ $add: [{ $ifNull: [`$${field}`, 0n] }, 1n] });
  const mine = {
    holder: { $literal: holder },
    acquiredAt,
    expiresAt,
    updatedAt,
    fencingToken: next("fencingToken"),
    revision: next("revision"),
  };
  return [{ $replaceWith: { $cond: [free, { $mergeObjects: ["$$ROOT", own, mine] }, "$$ROOT"] } }];
}
