import { transient } from "@stellaops/kernel";
import { setTimeout as wait } from "node:timers/promises";
import type pg from "pg";
import type { OnEvent } from "./events.ts";

export interface LockOptions {
  /** Milliseconds. */
  readonly waitMs: number;
  readonly onEvent: OnEvent;
  readonly signal?: AbortSignal | undefined;
}

const key = "hashtextextended('stella migrations of ' || $1, 0)";

/**
 * Holds the lock on the session that does the work, so that a runner that was killed keeps it for as long as the server
 * still executes its last statement, and a lost connection loses both at once. Polled: a waiter inside
 * `pg_advisory_lock` holds a snapshot, which CREATE INDEX CONCURRENTLY waits for: a deadlock.
 *
 * @throws `MIGRATION_LOCK_TIMEOUT` (transient), naming the holder
 */
export async function withLock<T>(
  client: pg.ClientBase,
  name: string,
  options: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + options.waitMs;
  for (let pause = 25; !(await tryLock(client, name)); pause = Math.min(pause * 2, 250)) {
    if (performance.now() > deadline) throw await lockTimeout(client, name, options.waitMs);
    options.onEvent({ kind: "waiting", lock: name });
    await wait(
      pause * (0.5 + Math.random()),
      undefined,
      options.signal === undefined ? {} : { signal: options.signal },
    );
  }
  try {
    return await work();
  } finally {
    await client.query(`select pg_advisory_unlock(${key})`, [name]).catch(() => {});
  }
}

async function tryLock(client: pg.ClientBase, name: string): Promise<boolean> {
  const { rows } = await client.query<{ got: boolean }>(`select pg_try_advisory_lock(${key}) as got`, [name]);
  return rows[0]?.got === true;
}

export interface LockHolder {
  readonly pid: number;
  readonly application: string;
  readonly since: Date;
}

export async function lockHolder(client: pg.ClientBase, name: string): Promise<LockHolder | undefined> {
  const { rows } = await client.query<LockHolder>(
    `select a.pid, a.application_name as application, a.backend_start as since
     from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'advisory' and l.granted and l.objsubid = 1
       and l.database = (select oid from pg_database where datname = current_database())
       and (l.classid::bigint << 32) + l.objid::bigint = ${key}`,
    [name],
  );
  return rows[0];
}

async function lockTimeout(client: pg.ClientBase, name: string, waited: number): Promise<Error> {
  const holder = await lockHolder(client, name);
  const who =
    holder === undefined
      ? ""
      : ` by process ${holder.pid} (${holder.application}), there since ${holder.since.toISOString()}`;
  return transient(
    "MIGRATION_LOCK_TIMEOUT",
    `the migrations of ${name} are locked${who}, for more than ${waited / 1000} s; wait for it, or end that process and try again`,
    { details: { holder } },
  );
}
