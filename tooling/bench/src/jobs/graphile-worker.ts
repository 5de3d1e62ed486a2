import { runMigrations, type Job, type TaskList, type WithPgClient } from "graphile-worker";
import pg from "pg";
import type { Peer } from "./queue.ts";

/** What its worker calls for the next jobs; not exported, so it is loaded by its file. */
interface GetJobs {
  batchGetJobs(
    options: object,
    client: object,
    tasks: TaskList,
    poolId: string,
    flagsToSkip: null,
    size: number,
  ): Promise<readonly Job[]>;
}
interface Lib {
  processSharedOptions(options: { readonly pgPool: pg.Pool }): object;
  makeEnhancedWithPgClient(withClient: WithPgClient): object;
}

const part = async <T>(file: string): Promise<T> =>
  (await import(new URL(file, import.meta.resolve("graphile-worker")).href)) as T;

/** graphile-worker's own statement, prepared, committed as it ends; `url` is a superuser's, so that no policy is asked. */
export async function graphileWorker(url: string, max: number): Promise<Peer> {
  await runMigrations({ connectionString: url });
  const pool = new pg.Pool({ connectionString: url, max }).on("error", () => {});
  const { batchGetJobs } = await part<GetJobs>("./sql/getJobs.js");
  const { processSharedOptions, makeEnhancedWithPgClient } = await part<Lib>("./lib.js");
  const options = processSharedOptions({ pgPool: pool });
  const withClient = makeEnhancedWithPgClient(async (work) => {
    const client = await pool.connect();
    try {
      return await work(client);
    } finally {
      client.release();
    }
  });
  const tasks: TaskList = { evaluate: () => {} };
  return {
    async fill(count) {
      await pool.query("truncate graphile_worker._private_jobs");
      await pool.query(
        `select count(*) from graphile_worker.add_jobs((select array_agg(('evaluate', '{"mode": "full"}', null,
           now() - make_interval(hours => 1, secs => i / 1000.0), null, null, 0, null)::graphile_worker.job_spec)
         from generate_series(1, $1) as i))`,
        [count],
      );
      await pool.query("vacuum analyze graphile_worker._private_jobs");
    },
    claim: async (limit) => (await batchGetJobs(options, withClient, tasks, "bench", null, limit)).length,
    [Symbol.asyncDispose]: () => pool.end(),
  };
}
