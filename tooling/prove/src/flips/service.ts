import { setTimeout as wait } from "node:timers/promises";
import { seededIds, systemClock } from "@stellaops/kernel";
import { openMongo } from "@stellaops/mongo";
import { openPostgres } from "@stellaops/postgres";
import { aSource } from "@stellaops/testkit/source";
import { openVuln } from "@stellaops/vuln";
import { randomOf, type Random } from "../random.ts";
import { hasty, whenFenced } from "./fenced.ts";
import type { Job, Last, Report, Told } from "./report.ts";
import { seamsOf } from "./sabotage.ts";

/** A service of a team: it uses the module and knows nothing of stages. It tells what it was told, and reads what others were told. */
process.on("SIGINT", () => {});
process.once("disconnect", () => process.exit(1));
const job = JSON.parse(process.argv[2] ?? "{}") as Job;
const postgres = openPostgres({ url: job.app, max: 8, applicationName: job.name });
const mongo = openMongo({ url: job.mongo, database: job.database, max: 12, applicationName: job.name });
let fenced = 0;
const seams = seamsOf(job.sabotage);
const vuln = await openVuln({
  postgres,
  mongo,
  stage: "record",
  instance: job.name,
  seams: {
    ...(job.hasty ? { stage: hasty } : {}),
    ...seams,
    backends(backends) {
      const counted = whenFenced(backends, () => (fenced += 1));
      return seams.backends?.(counted) ?? counted;
    },
  },
});
const { sources } = vuln.tenant("acme");

const stop = new AbortController();
const [failures, stale]: [string[], string[]] = [[], []];
const last = new Map<string, Last[number][1]>();
let [calls, acknowledged, worstMs] = [0, 0, 0];
const others: Told[] = [];
process.on("message", (message: Told | "stop") => {
  if (message === "stop") stop.abort();
  else if (others.push(message) > 1_000) others.shift();
});

async function call<T>(verb: string, work: () => Promise<T>): Promise<{ readonly answer: T } | null> {
  const begun = performance.now();
  calls += 1;
  try {
    return { answer: await work() };
  } catch (error) {
    failures.push(`${job.name}: ${verb} failed: ${String(error)}`);
    return null;
  } finally {
    worstMs = Math.max(worstMs, performance.now() - begun);
  }
}

async function write(id: string, name: string, expected: number): Promise<number | null> {
  const stored = await call("put", () => sources.put(aSource(id, { name }), BigInt(expected)));
  if (stored === null) return null;
  acknowledged += 1;
  const revision = Number(stored.answer);
  last.set(id, { revision, name });
  if (process.connected) process.send?.({ id, revision } satisfies Told);
  return revision;
}

/** Its own key: nobody else writes it, so each read must give exactly what was acknowledged last. */
async function own(id: string): Promise<void> {
  const found = await call("get", () => sources.get(id));
  if (found === null) return;
  const [is, be] = [found.answer, last.get(id) ?? null];
  if (Number(is?.revision ?? 0) === (be?.revision ?? 0) && is?.name === be?.name) return;
  stale.push(`${job.name}: ${id} read at ${is?.revision ?? "nothing"} after ${be?.revision ?? "its deletion"}`);
}

async function other({ id, revision }: Told): Promise<void> {
  const found = await call("get", () => sources.get(id));
  if (found === null || Number(found.answer?.revision ?? 0) >= revision) return;
  stale.push(`${job.name}: ${id} of another service read at ${found.answer?.revision ?? "nothing"} after ${revision}`);
}

async function worker(index: number, random: Random): Promise<void> {
  const ids = seededIds(systemClock, job.seed * 100 + index);
  /** Keys that are told to others are never deleted, those that are deleted not told. */
  const keys: { readonly id: string; revision: number }[] = [];
  while (!stop.signal.aborted) {
    const known = random.chance(0.2) || keys.length === 0 ? { id: ids.next(), revision: 0 } : random.pick(keys);
    const revision = await write(known.id, `${job.name} ${calls}`, known.revision);
    if (revision !== null) {
      if (known.revision === 0) keys.push(known);
      known.revision = revision;
    }
    await own(known.id);
    const told = others.pop();
    if (told !== undefined) await other(told);
    if (random.chance(0.1)) await thereAndGone(ids.next());
    await wait(5);
  }
}

async function thereAndGone(id: string): Promise<void> {
  const stored = await call("put", () => sources.put(aSource(id, { name: "to be deleted" }), 0n));
  if (stored === null) return;
  const gone = await call("delete", () => sources.delete(id, stored.answer));
  if (gone === null) return;
  acknowledged += 2;
  last.set(id, null);
  await own(id);
}

process.send?.("ready");
const random = randomOf(job.seed);
await Promise.all(Array.from({ length: job.workers }, (_, index) => worker(index, random.fork(index))));
const report: Report = { calls, acknowledged, fenced, worstMs: Math.round(worstMs), failures, stale, last: [...last] };
await vuln.close();
await Promise.all([postgres.close(), mongo.close()]);
process.send?.(report, undefined, {}, () => process.exit());
