import { setTimeout as wait } from "node:timers/promises";
import type { Backends, Database } from "@stellaops/cutover";
import { codeOf } from "@stellaops/kernel";
import { mongoFaults, postgresFaults } from "@stellaops/testkit/faults";
import type { Experiment, Outcome, Setting } from "../experiment.ts";
import { randomOf } from "../random.ts";
import { Callers } from "../retry/callers.ts";
import { Injector } from "../retry/injector.ts";
import { lieOnMongo, lieOnPostgres, sabotages } from "../retry/sabotage.ts";
import { rigOf, type Rig } from "../rig.ts";

const [callers, fullSize] = [8, 10_000];

export const retry: Experiment = {
  claim:
    "whatever error or reset a unit meets, before, in or after COMMIT, its effect is there exactly once and its caller has the answer",
  full: `${fullSize} faults injected on each database`,
  seconds: 16,
  sabotages,
  run,
};

async function run(setting: Setting): Promise<Outcome> {
  const postgres = await on("postgres", setting);
  const mongo = await on("mongo", setting);
  return { counts: { ...postgres.counts, ...mongo.counts }, broken: [...postgres.broken, ...mongo.broken] };
}

/** Half of the time on each database, as the primary of a stage without replication. */
async function on(database: Database, { servers, seed, seconds, full, sabotage, signal }: Setting): Promise<Outcome> {
  await using rig = await rigOf(servers, database);
  const random = randomOf(seed).fork(database);
  const injector = new Injector(random.fork("faults"));
  await using postgres = await postgresFaults(rig.urls.app, (moment, name) => injector.postgres(moment, name));
  await using mongo = await mongoFaults(rig.urls.mongo, lieOnMongo(injector, sabotage));
  await lieOnPostgres(rig, sabotage);
  // Waiting for a deadlock to be found is no part of this.
  await rig.sql(`alter database ${rig.database} set deadlock_timeout = '20ms'`);
  const met = new Map<string, number>();
  await using service = await rig.open({
    urls: { app: postgres.url, mongo: mongo.url },
    connections: callers,
    seams: { backends: (backends) => noting(backends, met) },
  });
  await using direct = await rig.open();
  const work = new Callers(service.module, seed);
  await work.begin();
  injector.armed = true;
  const deadline = performance.now() + (seconds * 1_000) / 2;
  const going = (): boolean => !signal.aborted && (full ? injector.total < fullSize : performance.now() < deadline);
  const calling = async (i: number): Promise<void> => {
    const own = random.fork(`caller ${i}`);
    while (going()) await work.call(own);
  };
  await Promise.all([
    ...Array.from({ length: callers }, (_, i) => calling(i)),
    ...(database === "postgres" ? [killing(rig, going), locking(rig, going)] : []),
  ]);
  injector.armed = false;
  const broken = [
    ...(await work.check(direct.module)),
    ...work.failures.map((failure) => `a call failed: ${failure}`),
    ...(injector.total === 0 ? ["no fault was injected"] : []),
  ];
  return {
    counts: {
      [`${database}: calls`]: work.calls,
      [`${database}: injected`]: injector.total,
      ...named(`${database}: `, injector.counts),
      ...named(`${database} units met `, Object.fromEntries(met)),
    },
    broken: broken.map((sentence) => `${database}: ${sentence}`),
  };
}

const named = (prefix: string, counts: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(counts).map(([name, count]) => [prefix + name, count]));

/** Counts what single attempts failed with, which their callers do not see. */
function noting(backends: Backends, met: Map<string, number>): Backends {
  const note = (error: unknown): never => {
    const code = codeOf(error) ?? "no code";
    met.set(code, (met.get(code) ?? 0) + 1);
    throw error;
  };
  const wrapped = (backend: Backends[Database]): Backends[Database] => ({
    single: (access, work) => backend.single(access, work).catch(note),
    transaction: (access, work) => backend.transaction(access, work).catch(note),
  });
  return { postgres: wrapped(backends.postgres), mongo: wrapped(backends.mongo) };
}

/** Ends connections of the service at the server, as an operator or a restart would. */
async function killing({ sql, database }: Rig, going: () => boolean): Promise<void> {
  while (going()) {
    await wait(100);
    await sql(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = $1 and application_name = 'prove-service' order by random() limit 1`,
      [database],
    );
  }
}

/** Now and then holds the door of the epoch longer than units wait for it. */
async function locking({ postgres }: Rig, going: () => boolean): Promise<void> {
  while (going()) {
    await wait(1_500);
    const client = await postgres.pool.connect();
    try {
      await client.query("begin");
      await client.query("select pg_advisory_xact_lock(cutover.epoch_lock('vuln'))");
      await wait(300);
      await client.query("rollback");
    } finally {
      client.release();
    }
  }
}
