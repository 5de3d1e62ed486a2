import type { TenantId } from "@stellaops/kernel";
import { Batch, type Unit } from "@stellaops/postgres";
import type { Pool } from "pg";

/** A repository's unit with nothing in front of its statements: what the tenant's scope costs is told by what is faster here. */
export const withoutScope = (pool: Pool, tenant: TenantId): Unit => {
  const unit: Unit = {
    tenant,
    register: null,
    async run(statements) {
      const client = await pool.connect();
      try {
        return await client.query(new Batch(statements)).done;
      } finally {
        client.release();
      }
    },
    atomically: (work) => work(unit),
    committed: (effect) => effect(),
  };
  return unit;
};
