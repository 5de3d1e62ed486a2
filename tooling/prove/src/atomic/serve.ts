import { seededIds, systemClock } from "@stellaops/kernel";
import { openMongo } from "@stellaops/mongo";
import { openPostgres } from "@stellaops/postgres";
import { randomOf } from "../random.ts";
import { moment } from "./call.ts";
import type { Seat } from "./caller.ts";
import type { Inbox } from "./inbox.ts";
import { Journal } from "./journal.ts";
import type { FromParent, FromWorker, Job } from "./job.ts";
import { modulesOf } from "./chosen.ts";
import { seamsOf, TryCounter } from "./tries.ts";

/** What a process hears and says. */
export interface Line {
  readonly inbox: Inbox<FromParent>;
  readonly tell: (message: FromWorker) => void;
}

/** Opens the modules of a job and calls, until it is told to stop. */
export async function serve(job: Job, { inbox, tell }: Line): Promise<void> {
  await using parts = new AsyncDisposableStack();
  const counter = new TryCounter();
  const journal = parts.adopt(new Journal(job.journal), (open) => open.close());
  const stop = new AbortController();
  const work: (() => Promise<void>)[] = [];
  for (const { module, open, scenes } of modulesOf(Object.keys(job.scenes))) {
    const opened = parts.adopt(await open(connected(job, module.name, parts, counter)), closed);
    for (const name of Object.keys(scenes))
      for (let i = 0; i < (job.scenes[name] ?? 0); i += 1) {
        const seat = seatOf({ job, name, i, journal, signal: stop.signal, tell });
        work.push(() => opened.work(name, seat, job.sabotage));
      }
  }
  tell({ kind: "open" });
  await inbox.next();
  const working = Promise.all(work.map((one) => one()));
  await inbox.next();
  stop.abort();
  await working;
  await parts.disposeAsync();
  tell({ kind: "done", tries: counter.tries });
}

const closed = (open: { close(): Promise<void> }): Promise<void> => open.close();

function connected(job: Job, module: string, parts: AsyncDisposableStack, counter: TryCounter) {
  const at = job.modules[module];
  if (at === undefined) throw new Error(`no place for ${module}`);
  const { app: url, mongo, database } = at;
  const max = 6;
  const onPostgres = () => parts.adopt(openPostgres({ url, max, applicationName: job.name }), closed);
  const onMongo = () =>
    parts.adopt(openMongo({ url: mongo, database, max: max + 2, applicationName: job.name }), closed);
  if (job.place === "postgres") return { postgres: onPostgres(), stage: "postgres" } as const;
  if (job.place === "mongo") return { mongo: onMongo(), stage: "mongo" } as const;
  const both = { postgres: onPostgres(), mongo: onMongo() };
  return { ...both, stage: "record", instance: job.name, seams: seamsOf(job.sabotage, counter) } as const;
}

interface Place {
  readonly job: Job;
  readonly name: string;
  readonly i: number;
  readonly journal: Journal;
  readonly signal: AbortSignal;
  readonly tell: Line["tell"];
}

function seatOf({ job, name, i, journal, signal, tell }: Place): Seat {
  const own = `${job.name}/${name}/${i}`;
  const random = randomOf(job.seed).fork(own);
  const { now, moment: since } = job.clock;
  return {
    name: own,
    scene: name,
    journal,
    random,
    ids: seededIds(systemClock, random.below(2 ** 31)),
    signal,
    now: () => new Date(now + Math.floor((moment() - since) / 1_000)),
    holds: (what) => tell({ kind: "holds", what }),
  };
}
