import {
  expiredTo,
  failure,
  normalisePart,
  refuseLimit,
  statusesOf,
  type Aggregate,
  type ClaimRef,
  type ClaimRequest,
  type Failure,
  type HoldShape,
  type Jobs,
  type Stored,
} from "@stellaops/kernel";
import { MongoClaims, pushed } from "./claims.ts";
import { valuesOf } from "./guarded.ts";
import type { DocumentOf } from "./reader.ts";
import { enter } from "./register.ts";
import type { Where } from "./where.ts";

/** For aggregates with `holdFields`, a count of claims, a last error, and a `status`. */
export abstract class MongoJobs<A extends Aggregate<string, HoldShape>> extends MongoClaims<A> implements Jobs<A> {
  claim(request: ClaimRequest): Promise<readonly Stored<A>[]> {
    return this.take(request);
  }

  async complete(ref: ClaimRef, { at }: { readonly at: Date }): Promise<Stored<A>> {
    return this.settling(ref, { at, to: statusesOf(this.queue).done });
  }

  async fail(ref: ClaimRef, failed: Failure): Promise<Stored<A>> {
    return this.settling(ref, failure(this.queue, failed));
  }

  async requeueExpired(at: Date, limit: number): Promise<number> {
    refuseLimit(limit, 1_000);
    normalisePart<Aggregate, string>(this.definition, { updatedAt: at });
    const { ready, failed } = statusesOf(this.queue);
    const { maxAttempts } = this.queue;
    const tried = (of: object) => (maxAttempts === null ? {} : { [this.queue.attempts]: of });
    const again = await this.#expired(ready, tried({ $lt: maxAttempts }), at, limit);
    if (maxAttempts === null || again === limit) return again;
    return again + (await this.#expired(failed, tried({ $gte: maxAttempts }), at, limit - again));
  }

  /** Inside of a unit all that were found are changed, or it is aborted; alone, as many as still had run out. */
  async #expired(to: string, tried: object, at: Date, limit: number): Promise<number> {
    const { queue } = this;
    const over = { status: statusesOf(queue).taken, leaseUntil: { $lte: at }, ...tried };
    const first = { sort: { leaseUntil: 1, id: 1 }, limit } as const;
    const found = await this.pick(over as unknown as Where<DocumentOf<A>>, [], first);
    if (found.length === 0) return 0;
    const set = valuesOf(this.definition, expiredTo(queue, to, at));
    const update = { $set: set, ...pushed(queue.event(to, at, "the lease ran out")) };
    const ids = found.map(({ id }) => id);
    const count = await this.changeMany({ id: { $in: ids }, ...over }, update);
    const changed = found.map(({ id, revision }) => ({ id, revision: revision + 1n }));
    await this.entering(() => enter(this.unit, this.definition, changed));
    return count;
  }
}
