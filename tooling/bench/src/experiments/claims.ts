import type { Experiment } from "../experiment.ts";
import { agenda } from "../jobs/agenda.ts";
import { deliveriesOf } from "../jobs/deliveries.ts";
import { graphileWorker } from "../jobs/graphile-worker.ts";
import { pgBoss } from "../jobs/pg-boss.ts";
import { policyJobsOf } from "../jobs/policy-jobs.ts";
import { claimRate } from "../jobs/queue.ts";
import { deliveriesClaim, policyJobsClaim, rawClaims } from "../jobs/raw.ts";
import { recordedJobs, type Recorded } from "../jobs/recorded.ts";
import { measuredOf, type Measured } from "../measure.ts";
import { connections } from "../rig.ts";
import type { Row } from "../row.ts";

/** Jobs that are claimed by each of some ways in turn. */
interface Source {
  fill(count: number): Promise<void>;
  /** Claims at most so many; how many were got. */
  readonly ways: Readonly<Record<string, (limit: number) => Promise<number>>>;
  /** Jobs claimed in one turn of each way, by their limit. */
  readonly turns: readonly (readonly [limit: number, jobs: number])[];
}
const onPostgres = [
  [1, 400],
  [50, 4_000],
] as const;
const onMongo = [
  [1, 160],
  [50, 1_600],
] as const;
/** Turns of each way in a round. */
const turns = 4;
/** What a turn may take: callers end only between two claims. */
const taken = (each: Source["turns"]) => each.reduce((sum, [limit, jobs]) => sum + jobs + limit * connections, 0);

/** P6: claims of policy jobs and of deliveries beside the same statement by hand, and beside what others do. */
export const claims: Experiment = async ({ rig, another, rounds, log }) => {
  await using jobs = await policyJobsOf(rig);
  await using raw = rawClaims(jobs.app.url, policyJobsClaim);
  await using deliveries = await deliveriesOf(rig);
  await using rawDeliveries = rawClaims(deliveries.app.url, deliveriesClaim);
  await using worker = await graphileWorker(rig.urls.postgres, connections);
  await using boss = await pgBoss(rig.urls.postgres, connections);
  await using others = await agenda(jobs.mongo);
  await using rigs = new AsyncDisposableStack();
  const recorded = async (stage: "postgres" | "mongo", most: number): Promise<Recorded> =>
    rigs.use(await recordedJobs(rigs.use(await another()), stage, most));
  const live = {
    postgres: await recorded("postgres", turns * taken(onPostgres)),
    mongo: await recorded("mongo", turns * taken(onMongo)),
  };
  const sources: readonly Source[] = [
    {
      fill: jobs.onPostgres.fill,
      ways: { claim: jobs.onPostgres.claim, raw: raw.apart, "raw, one round trip": raw.alone },
      turns: onPostgres,
    },
    {
      fill: deliveries.onPostgres.fill,
      ways: { "claim of deliveries": deliveries.onPostgres.claim, "raw of deliveries": rawDeliveries.apart },
      turns: onPostgres,
    },
    { fill: worker.fill, ways: { "graphile-worker": worker.claim }, turns: onPostgres },
    { fill: boss.fill, ways: { "pg-boss": boss.claim }, turns: onPostgres },
    { fill: live.postgres.fill, ways: { "claim, recorded": live.postgres.claim }, turns: onPostgres },
    { fill: jobs.onMongo.fill, ways: { "claim on MongoDB": jobs.onMongo.claim }, turns: onMongo },
    {
      fill: deliveries.onMongo.fill,
      ways: { "claim of deliveries on MongoDB": deliveries.onMongo.claim },
      turns: onMongo,
    },
    { fill: live.mongo.fill, ways: { "claim on MongoDB, recorded": live.mongo.claim }, turns: onMongo.slice(0, 1) },
    { fill: others.fill, ways: { Agenda: others.claim }, turns: onMongo.slice(0, 1) },
  ];
  const before = await live.mongo.aborted();
  const measured = await alternating(sources, rounds, log);
  const aborted = (await live.mongo.aborted()) - before;
  return rowsOf(measured, aborted / ((rounds + 1) * turns * onMongo[0][1]));
};

/** Each round fills every source anew, then lets all ways claim in turn, a few times. The first round only warms up. */
async function alternating(sources: readonly Source[], rounds: number, log: (line: string) => void): Promise<Measured> {
  const rates: Record<string, number[]> = {};
  for (let round = 0; round <= rounds; round += 1) {
    log(`  round ${round} of ${rounds}`);
    for (const { fill, ways, turns: each } of sources) await fill(taken(each) * Object.keys(ways).length * turns);
    for (let turn = 0; turn < turns; turn += 1)
      for (const { ways, turns: each } of sources)
        for (const [limit, jobs] of each)
          for (const [name, claim] of Object.entries(ways)) {
            const rate = await claimRate(claim, { callers: connections, limit, jobs });
            if (round > 0) (rates[`${name} ${limit}`] ??= []).push(rate);
          }
  }
  return measuredOf(rates);
}

const unit = `jobs/s, ${connections} callers, ${connections} connections`;

function rowsOf({ perSecond, ratio }: Measured, aborted: number): readonly Row[] {
  const row = (name: string, over: string, under: string, rest: Partial<Row> = {}): Row => ({
    experiment: "P6",
    name,
    ratio: ratio(over, under),
    reach: null,
    parts: { [over]: perSecond[over] ?? 0, [under]: perSecond[under] ?? 0 },
    unit,
    ...rest,
  });
  return [
    row("claim of one ÷ the same by hand through pg", "claim 1", "raw 1", {
      reach: { least: 0.8 },
      note: "Both: BEGIN and a named statement in one round trip, COMMIT in another; the module's role under its policies. By hand the tenant is set once a session, and rows are given as pg decodes them.",
    }),
    row("claim of fifty ÷ the same by hand through pg", "claim 50", "raw 50", { reach: { least: 0.8 } }),
    row("claim of fifty, in jobs ÷ claim of one", "claim 50", "claim 1", { reach: { least: 15 } }),
    row("by hand: fifty, in jobs ÷ one", "raw 50", "raw 1", {
      note: "What the server does for each row of a batch, its index entries above all, bounds the one above.",
    }),
    row("claim of one delivery ÷ the same by hand through pg", "claim of deliveries 1", "raw of deliveries 1", {
      reach: { least: 0.8 },
      note: "As of the jobs above, in a table with five indexes, one of them over the idempotency key.",
    }),
    row("claim of fifty deliveries ÷ the same by hand through pg", "claim of deliveries 50", "raw of deliveries 50", {
      reach: { least: 0.8 },
    }),
    row("claim of one under a stage record ÷ at a fixed stage", "claim, recorded 1", "claim 1", {
      note: "Under a record each unit enters the epoch and the register: what makes the module movable.",
    }),
    row("claim of fifty under a stage record ÷ at a fixed stage", "claim, recorded 50", "claim 50"),
    row("claim of one ÷ by hand in one round trip", "claim 1", "raw, one round trip 1", {
      note: "Without BEGIN and COMMIT: where the answer is lost, nobody can tell whether the jobs were claimed.",
    }),
    row("claim of one ÷ graphile-worker's", "claim 1", "graphile-worker 1", {
      note: "Its own statement (strategy 2), prepared, one round trip, no row-level security, no tenant.",
    }),
    row("claim of fifty ÷ graphile-worker's", "claim 50", "graphile-worker 50"),
    row("claim of one ÷ pg-boss's fetch", "claim 1", "pg-boss 1", {
      note: "fetch(), not prepared, one round trip, no row-level security, no tenant.",
    }),
    row("claim of fifty ÷ pg-boss's fetch", "claim 50", "pg-boss 50"),
    row("claim of one on MongoDB ÷ Agenda's", "claim on MongoDB 1", "Agenda 1", {
      note: "Agenda claims one job at a time.",
    }),
    row(
      "claim of one on MongoDB under a stage record ÷ at a fixed stage",
      "claim on MongoDB, recorded 1",
      "claim on MongoDB 1",
      {
        note: `A claim is a transaction there: ${aborted.toFixed(3)} for each claim were given up for another's and run again.`,
      },
    ),
    row(
      "claim of fifty deliveries on MongoDB, in deliveries ÷ claim of one",
      "claim of deliveries on MongoDB 50",
      "claim of deliveries on MongoDB 1",
    ),
    row("claim of fifty on MongoDB, in jobs ÷ claim of one", "claim on MongoDB 50", "claim on MongoDB 1"),
  ];
}
