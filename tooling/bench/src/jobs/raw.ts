import { randomUUID } from "node:crypto";
import pg from "pg";
import { connections, tenant } from "../rig.ts";

type ClaimText = (limit: number) => string;

/** What somebody writes by hand who has this table and no library. With the limit as a parameter it would be planned anew at every call. */
export const policyJobsClaim: ClaimText = (limit) => `update scheduler.policy_jobs
 set status = 'running', attempts = attempts + 1, lease_holder = $2, lease_until = $3, claim_id = $5, updated_at = $4, revision = revision + 1
 where tenant_id = $1 and id = any (array(select id from scheduler.policy_jobs
   where tenant_id = $1 and status = 'queued' and available_at <= $4
   order by priority_rank, available_at, id limit ${limit} for update skip locked)) returning *`;

/** The same of deliveries. */
export const deliveriesClaim: ClaimText = (limit) => `update notify.deliveries
 set status = 'sending', attempt = attempt + 1, lease_holder = $2, lease_until = $3, claim_id = $5, updated_at = $4, revision = revision + 1
 where tenant_id = $1 and id = any (array(select id from notify.deliveries
   where tenant_id = $1 and status = 'queued' and next_attempt_at <= $4
   order by next_attempt_at, id limit ${limit} for update skip locked)) returning *`;

export interface RawClaims extends AsyncDisposable {
  /** BEGIN and the claim in one round trip, COMMIT in another: as a unit that writes does. */
  readonly apart: (limit: number) => Promise<number>;
  /** The claim alone, which commits as it ends: nothing can be told of an answer that was lost. */
  readonly alone: (limit: number) => Promise<number>;
}

/** The claim through pg and nothing else: a prepared name, the module's role under its policies, the tenant set once a session. */
export function rawClaims(url: string, text: ClaimText): RawClaims {
  const options = { connectionString: url, max: connections, options: `-c timezone=UTC -c app.tenant_id=${tenant}` };
  const pool = new pg.Pool({ ...options, pipeline: true }).on("error", () => {});
  const claim = (limit: number) => {
    const at = new Date();
    const until = new Date(at.getTime() + 60_000);
    return { name: `claim ${limit}`, text: text(limit), values: [tenant, "bench", until, at, randomUUID()] };
  };
  return {
    async apart(limit) {
      const client = await pool.connect();
      try {
        const begun = client.query("begin");
        const [{ rows }] = await Promise.all([client.query(claim(limit)), begun]);
        await client.query("commit");
        return rows.length;
      } finally {
        client.release();
      }
    },
    alone: async (limit) => (await pool.query(claim(limit))).rows.length,
    [Symbol.asyncDispose]: () => pool.end(),
  };
}
