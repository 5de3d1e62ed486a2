import pg from "pg";
import type { Experiment } from "../experiment.ts";
import { offered } from "../jobs/offered.ts";
import { policyJobsOf, type PolicyJobs } from "../jobs/policy-jobs.ts";
import { claimRate, type Queue } from "../jobs/queue.ts";
import { policyJobsClaim, rawClaims } from "../jobs/raw.ts";
import { quantile, rounded } from "../latency.ts";
import { measuredOf, type Measured } from "../measure.ts";
import { connections } from "../rig.ts";

const perSecond = 800;
const minutes = 3;
/** Index entries that no vacuum may remove. */
const claimed = perSecond * 60 * minutes;
/** Jobs of a turn: long enough for hints to run out within it as often as they do in a service. Where each claim walks over all entries, few do. */
const turn = 2_000;
const slow = 40;

/** P7: claims while a snapshot is open that is older than many claims, beside claims of a database that has none. */
export const oldSnapshot: Experiment = async ({ rig, another, rounds, full, log }) => {
  await using other = await another();
  await using held = await policyJobsOf(rig);
  await using free = await policyJobsOf(other);
  await using rawHeld = rawClaims(held.app.url, policyJobsClaim);
  await using rawFree = rawClaims(free.app.url, policyJobsClaim);
  await using _snapshot = await snapshotOf(rig.urls.postgres);
  const offer = { callers: connections, perSecond, seconds: full ? minutes * 60 : 10 };
  for (const place of [free, held]) {
    await place.onPostgres.fill(perSecond);
    if (!full) await burnt(place, claimed);
  }
  if (!full) log(`  ${claimed} jobs were claimed beforehand`);
  log(`  ${perSecond} jobs/s for ${offer.seconds} s, without and with the snapshot`);
  const taken = { free: await offered(free, offer), held: await offered(held, offer) };
  // A machine that cannot do what is offered has made fewer.
  if (full)
    for (const name of ["free", "held"] as const) await burnt({ free, held }[name], claimed - taken[name].claimed);
  for (const { add } of [free, held]) await add((rounds + 1) * 3 * (turn + connections));
  const pair = await alternating({ free: [free.onPostgres.claim, turn], held: [held.onPostgres.claim, turn] }, rounds);
  const ways = {
    free: [free.onPostgres.claim, turn],
    "held, no hint": [held.unhinted, slow],
    "by hand": [rawFree.apart, turn],
    "held, by hand": [rawHeld.apart, slow],
  } as const;
  const rest = await alternating(ways, rounds);
  const polls = { free: await emptyPoll(free), held: await emptyPoll(held) };
  const both = ({ perSecond: rates, ratio }: Measured, over: string, under: string) => ({
    ratio: ratio(over, under),
    parts: { [over]: rates[over] ?? 0, [under]: rates[under] ?? 0 },
  });
  const unit = `jobs/s, ${connections} callers, one job a claim`;
  const after = `after ${claimed} claims under it`;
  return [
    {
      experiment: "P7",
      name: `claims of one with an old snapshot open, ${after} ÷ without`,
      ...both(pair, "held", "free"),
      reach: { least: 0.9 },
      unit,
      note: "As fast as they can: two databases of one server, in turn; a snapshot holds back what its own database may remove.",
    },
    {
      experiment: "P7",
      name: `claims at ${perSecond} jobs/s offered for ${offer.seconds} s, with ÷ without`,
      ratio: taken.held.rate / taken.free.rate,
      reach: { least: 0.9 },
      parts: {
        held: taken.held.rate,
        free: taken.free.rate,
        "held p50 ms": taken.held.p50,
        "free p50 ms": taken.free.p50,
        "held p99 ms": taken.held.p99,
        "free p99 ms": taken.free.p99,
      },
      unit,
    },
    {
      experiment: "P7",
      name: "the first again, with the claim hint switched off",
      ...both(rest, "held, no hint", "free"),
      reach: null,
      unit,
      note: "Each claim walks over the entries of all jobs that were claimed since the snapshot.",
    },
    {
      experiment: "P7",
      name: "the same statement by hand, with ÷ without",
      ...both(rest, "held, by hand", "by hand"),
      reach: null,
      unit,
    },
    {
      experiment: "P7",
      name: "a claim that finds nothing, p50 with ÷ without",
      ratio: polls.held / polls.free,
      reach: null,
      parts: polls,
      unit: "ms, one caller without pause",
    },
  ];
};

/** A transaction that has read, and then does nothing for a long time. */
async function snapshotOf(url: string): Promise<AsyncDisposable> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("begin isolation level repeatable read");
  await client.query("select 1");
  return { [Symbol.asyncDispose]: () => client.end() };
}

/** By fifties: what lies in the way of later claims is the same. */
async function burnt({ add, onPostgres }: PolicyJobs, jobs: number): Promise<void> {
  if (jobs <= 0) return;
  await add(jobs + 50 * connections);
  await claimRate(onPostgres.claim, { callers: connections, limit: 50, jobs });
}

type Ways = Readonly<Record<string, readonly [claim: Queue["claim"], jobs: number]>>;

async function alternating(ways: Ways, rounds: number): Promise<Measured> {
  const rates: Record<string, number[]> = {};
  for (let round = 0; round <= rounds; round += 1)
    for (const [name, [claim, jobs]] of Object.entries(ways)) {
      const rate = await claimRate(claim, { callers: connections, limit: 1, jobs });
      if (round > 0) (rates[name] ??= []).push(rate);
    }
  return measuredOf(rates);
}

async function emptyPoll({ onPostgres }: PolicyJobs): Promise<number> {
  while ((await onPostgres.claim(100)) > 0);
  const times: number[] = [];
  for (let poll = 0; poll < 50; poll += 1) {
    const asked = performance.now();
    await onPostgres.claim(1);
    times.push(performance.now() - asked);
  }
  return rounded(quantile(times, 0.5));
}
