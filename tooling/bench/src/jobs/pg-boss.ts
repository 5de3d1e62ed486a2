import { PgBoss } from "pg-boss";
import pg from "pg";
import type { Peer } from "./queue.ts";

const name = "evaluate";
/** Jobs in one of its inserts. */
const chunk = 5_000;

/** pg-boss by its public `fetch`, its own upkeep off; `url` is a superuser's, so that no policy is asked. */
export async function pgBoss(url: string, max: number): Promise<Peer> {
  const boss = new PgBoss({ connectionString: url, max, supervise: false, schedule: false }).on("error", () => {});
  await boss.start();
  await boss.createQueue(name);
  const pool = new pg.Pool({ connectionString: url, max: 1 }).on("error", () => {});
  return {
    async fill(count) {
      await pool.query("truncate pgboss.job");
      for (let done = 0; done < count; done += chunk)
        await boss.insert(
          name,
          Array.from({ length: Math.min(chunk, count - done) }, () => ({ data: { mode: "full" } })),
        );
      await pool.query("vacuum analyze pgboss.job");
    },
    claim: async (limit) => (await boss.fetch(name, { batchSize: limit })).length,
    async [Symbol.asyncDispose]() {
      await boss.stop({ graceful: false });
      await pool.end();
    },
  };
}
