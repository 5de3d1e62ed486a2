import {
  expiredTo,
  failure,
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
import { expiryStatement, type Expiring } from "./claim-text.ts";
import { PostgresClaims } from "./claims.ts";
import { Parameters } from "./guarded.ts";

/** For aggregates with `holdFields`, a count of claims, a last error, and a `status`. */
export abstract class PostgresJobs<A extends Aggregate<string, HoldShape>>
  extends PostgresClaims<A>
  implements Jobs<A>
{
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
    const { ready, failed } = statusesOf(this.queue);
    const limited = this.queue.maxAttempts !== null;
    return this.atomically(async (repository) => {
      const again = await repository.#expired({ to: ready, tried: limited ? "<" : null }, at, limit);
      if (!limited || again === limit) return again;
      return again + (await repository.#expired({ to: failed, tried: ">=" }, at, limit - again));
    });
  }

  async #expired({ to, tried }: Pick<Expiring, "to" | "tried">, at: Date, limit: number): Promise<number> {
    const { queue } = this;
    const expiring = { queue, at, limit, set: expiredTo(queue, to, at), to, tried };
    const rows = await this.carried([expiryStatement(expiring, new Parameters(this.unit.tenant), this.unit)]);
    const drop = () => this.hints?.drop(this.hintKey);
    drop();
    this.unit.committed(drop);
    return rows.length;
  }
}
