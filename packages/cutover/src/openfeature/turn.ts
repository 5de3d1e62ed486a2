import { raised } from "@stellaops/postgres";
import type { Pool } from "pg";

/** Runs the work in one process at a time; null where another one is at it. Needs a connection that is not pooled by transaction. */
export async function inTurn<T>(pool: Pool, name: string, work: () => Promise<T>): Promise<T | null> {
  const client = await pool.connect().catch(raised);
  let broken: Error | undefined;
  try {
    const { rows } = await client
      .query<{ readonly taken: boolean }>("select pg_try_advisory_lock(hashtextextended($1, 0)) as taken", [name])
      .catch(raised);
    if (rows[0]?.taken !== true) return null;
    try {
      return await work();
    } finally {
      // A connection that cannot give it back is closed, and gives it back so.
      await client.query("select pg_advisory_unlock(hashtextextended($1, 0))", [name]).catch((error: Error) => {
        broken = error;
      });
    }
  } finally {
    client.release(broken);
  }
}
