import { setTimeout as wait } from "node:timers/promises";
import { openMongo } from "@stellaops/mongo";
import { openPostgres } from "@stellaops/postgres";
import { proxyTo } from "@stellaops/testkit/proxy";
import { openVuln } from "@stellaops/vuln";
import type { Experiment, Outcome, Setting } from "../experiment.ts";
import { randomOf, type Random } from "../random.ts";
import { rigOf, type Rig } from "../rig.ts";
import { Callers } from "../tenancy/calls.ts";
import { probe } from "../tenancy/probes.ts";
import { sabotaged, sabotagedMongo, sabotages } from "../tenancy/sabotage.ts";

const [callersAtOnce, fullSize] = [12, 1_000_000];

export const tenancy: Experiment = {
  claim:
    "on a pool of two connections, with errors, timeouts, cancels and killed connections all along, no tenant is given or changes another's row",
  full: `${fullSize.toLocaleString("en-US")} calls of tenants in turn, half of them on each database`,
  seconds: 12,
  sabotages,
  run,
};

async function run(setting: Setting): Promise<Outcome> {
  await using rig = await rigOf(setting.servers, null);
  const postgres = await onPostgres(rig, setting);
  const mongo = await onMongo(rig, setting);
  return { counts: { ...postgres.counts, ...mongo.counts }, broken: [...postgres.broken, ...mongo.broken] };
}

async function onPostgres(rig: Rig, setting: Setting): Promise<Outcome> {
  const random = randomOf(setting.seed).fork("postgres");
  const postgres = openPostgres({
    url: rig.urls.app,
    max: 2,
    statementTimeoutMs: 150,
    applicationName: "prove-service",
  });
  await sabotaged(rig, postgres, setting.sabotage);
  const module = await openVuln({ postgres, stage: "postgres", checks: setting.sabotage === null });
  try {
    const callers = new Callers(module);
    let killed = 0;
    const going = goingOf(setting, callers);
    await Promise.all([
      ...callingOf(going, random, (own) => (own.chance(0.1) ? probe(postgres, callers, own) : callers.call(own))),
      until(going, 120, async () => {
        killed += (await rig.sql(killOne, [rig.database])).length;
      }),
      until(going, 1_500, () => holdRows(rig)),
    ]);
    const scan = await rig.sql(misplaced);
    return outcome(
      "postgres",
      callers,
      { "connections killed": killed },
      scan.map(({ found }) => String(found)),
    );
  } finally {
    await module.close();
    await postgres.close();
  }
}

async function onMongo(rig: Rig, setting: Setting): Promise<Outcome> {
  const random = randomOf(setting.seed).fork("mongo");
  await using proxy = await proxyTo(rig.urls.mongo);
  const mongo = openMongo({ url: proxy.url, database: rig.database, max: 2 });
  const module = await openVuln({ mongo: sabotagedMongo(mongo, setting.sabotage), stage: "mongo" });
  try {
    const callers = new Callers(module);
    let resets = 0;
    const going = goingOf(setting, callers);
    await Promise.all([
      ...callingOf(going, random, (own) => callers.call(own)),
      until(going, 250, () => {
        resets += 1;
        proxy.reset();
      }),
    ]);
    const stray = await rig.mongo.db
      .collection("advisories")
      .find({
        $expr: { $or: [{ $ne: ["$tenantId", "$primaryId"] }, { $ne: ["$title", { $concat: ["of ", "$tenantId"] }] }] },
      })
      .toArray();
    const found = stray.map(({ tenantId, primaryId }) => `a document of ${tenantId} was written by ${primaryId}`);
    return outcome("mongo", callers, { "resets of all connections": resets }, found);
  } finally {
    await module.close();
    await mongo.close();
  }
}

const goingOf = ({ seconds, full, signal }: Setting, callers: Callers): (() => boolean) => {
  const deadline = performance.now() + (seconds * 1_000) / 2;
  return () => !signal.aborted && (full ? callers.calls < fullSize / 2 : performance.now() < deadline);
};

const callingOf = (
  going: () => boolean,
  random: Random,
  call: (own: Random) => Promise<void>,
): readonly Promise<void>[] =>
  Array.from({ length: callersAtOnce }, async (_, i) => {
    const own = random.fork(i);
    while (going()) await call(own);
  });

async function until(going: () => boolean, pauseMs: number, work: () => unknown): Promise<void> {
  while (going()) {
    await wait(pauseMs);
    await work();
  }
}

const killOne = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = $1 and application_name = 'prove-service' order by random() limit 1`;

/** Longer than a statement may take, so that some time out. */
async function holdRows({ postgres }: Rig): Promise<void> {
  const client = await postgres.pool.connect();
  try {
    await client.query("begin; select from vuln.advisories for update");
    await wait(250);
    await client.query("rollback");
  } finally {
    client.release();
  }
}

/** Seen by the role that bypasses the policies: every row, and every child of it, bears the tenant that wrote it. */
const misplaced = `
select 'a row of ' || tenant_id || ' was written by ' || primary_id as found from vuln.advisories
  where primary_id <> tenant_id or title <> 'of ' || tenant_id
union all
select 'an alias of ' || tenant_id || ' was written by ' || value from vuln.advisory_aliases
  where scheme = 'OWNER' and value <> tenant_id`;

function outcome(
  database: string,
  { calls, rows, errors, foreign, strange }: Callers,
  disturbed: Readonly<Record<string, number>>,
  written: readonly string[],
): Outcome {
  const met = Object.fromEntries([...errors].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const counts = { calls, rows, "foreign rows": foreign.length + written.length, ...disturbed, ...met };
  return {
    counts: Object.fromEntries(Object.entries(counts).map(([name, count]) => [`${database}: ${name}`, count])),
    broken: [
      ...[...foreign, ...written].map((sentence) => `${database}: ${sentence}`),
      ...strange.map((error) => `${database}: an error that tells nobody what to do: ${error}`),
      ...(rows === 0 ? [`${database}: no row was given to anybody`] : []),
    ],
  };
}
