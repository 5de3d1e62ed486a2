import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";

/**
 * Tells the server to end what a connection is at, on a connection of its own: those of the pool may all be waiting for just this.
 * False when the server has not confirmed it in that time, so that it may still come, and hit what the connection does next. Never throws.
 */
export async function cancel(pool: pg.Pool, processID: number, patienceMs: number): Promise<boolean> {
  const client = new pg.Client(pool.options);
  client.on("error", () => undefined);
  const told = async (): Promise<true> => {
    await client.connect();
    await client.query("select pg_cancel_backend($1)", [processID]);
    await client.end();
    return true;
  };
  const over = new AbortController();
  const late = wait(patienceMs, false, { signal: over.signal }).catch(() => false);
  try {
    return await Promise.race([told().catch(() => false), late]);
  } finally {
    over.abort();
    client.end().catch(() => undefined);
  }
}
