import {
  acquisition,
  held,
  letGo,
  renewal,
  type Acquire,
  type Aggregate,
  type Held,
  type Holding,
  type Lease,
  type Locks,
  type LockShape,
} from "@stellaops/kernel";
import { changeStatement, Parameters } from "./guarded.ts";
import { PostgresRepository } from "./repository.ts";

/** For aggregates with `lockFields`. */
export abstract class PostgresLocks<A extends Aggregate<string, LockShape>>
  extends PostgresRepository<A>
  implements Locks<A>
{
  async acquire(request: Acquire): Promise<Held | null> {
    const { definition } = this;
    const { tenant, register } = this.unit;
    const lock = acquisition(definition, request);
    const params = new Parameters(tenant);
    const [id, key, holder] = [
      params.add("id", lock.id),
      params.add("text", lock.lockKey),
      params.add("text", lock.holder),
    ];
    const [at, until] = [params.add("instant", lock.acquiredAt), params.add("instant", lock.expiresAt)];
    const change = `insert into "${definition.module}"."${definition.table}" as l
 (tenant_id, id, lock_key, holder, fencing_token, acquired_at, expires_at, created_at, updated_at, revision)
 values ($1, ${id}, ${key}, ${holder}, 1, ${at}, ${until}, ${at}, ${at}, 1)
 on conflict (tenant_id, lock_key) do update set holder = excluded.holder, fencing_token = l.fencing_token + 1,
 acquired_at = excluded.acquired_at, expires_at = excluded.expires_at, updated_at = excluded.updated_at, revision = l.revision + 1
 where l.holder is null or l.holder = excluded.holder or l.expires_at is null or l.expires_at <= excluded.acquired_at
 returning id, revision, fencing_token`;
    const [won] = await this.carried([changeStatement(definition, { change, params, register })]);
    return won === undefined ? null : held(lock, BigInt(String(won.row["fencing_token"])));
  }

  async renew(holding: Holding & Lease): Promise<boolean> {
    return (await this.guarded(renewal(this.definition, holding))) !== null;
  }

  async release(holding: Holding & { readonly at: Date }): Promise<boolean> {
    return (await this.guarded(letGo(this.definition, holding))) !== null;
  }
}
