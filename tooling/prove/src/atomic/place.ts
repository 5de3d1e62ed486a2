import { join } from "node:path";
import { authority, openAuthority, type Authority } from "@stellaops/authority";
import type { Seams, StageWord } from "@stellaops/cutover";
import { openScheduler, scheduler, type Scheduler } from "@stellaops/scheduler";
import type { Servers } from "@stellaops/servers";
import { moduleRig, type Rig } from "../rig.ts";
import { moment } from "./call.ts";
import type { Job, Place } from "./job.ts";

/** Both modules, each in its databases. */
export interface Rigs extends AsyncDisposable {
  readonly authority: Rig<Authority>;
  readonly scheduler: Rig<Scheduler>;
}

/** `stage`: where their records begin; null: they have none. */
export async function rigsOf(servers: Servers, stage: "mongo" | null): Promise<Rigs> {
  await using parts = new AsyncDisposableStack();
  const one = parts.use(await moduleRig<Authority>(servers, { module: authority, open: openAuthority }, stage));
  const two = parts.use(await moduleRig<Scheduler>(servers, { module: scheduler, open: openScheduler }, stage));
  const kept = parts.move();
  return { authority: one, scheduler: two, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** The modules as this process has them open, and what other processes need to know to open them. */
export interface OpenPlace extends AsyncDisposable {
  readonly place: Place;
  readonly rigs: Rigs;
  readonly authority: Authority;
  readonly scheduler: Scheduler;
  now(): Date;
  job(parts: Pick<Job, "scenes" | "seed" | "sabotage">): Job;
}

let made = 0;

interface Opening {
  readonly place: Place;
  readonly rigs: Rigs;
  readonly folder: string;
  readonly seams: Seams;
}

export async function openPlace({ place, rigs, folder, seams }: Opening): Promise<OpenPlace> {
  await using parts = new AsyncDisposableStack();
  const stage: StageWord = place === "live" ? "record" : place;
  const one = parts.use(await rigs.authority.open({ stage, connections: 4, seams }));
  const two = parts.use(await rigs.scheduler.open({ stage, connections: 4, seams }));
  const clock = { now: Date.now(), moment: moment() };
  const modules = {
    authority: { ...rigs.authority.urls, database: rigs.authority.database },
    scheduler: { ...rigs.scheduler.urls, database: rigs.scheduler.database },
  };
  const kept = parts.move();
  return {
    place,
    rigs,
    authority: one.module,
    scheduler: two.module,
    now: () => new Date(clock.now + Math.floor((moment() - clock.moment) / 1_000)),
    job(own) {
      const name = `${place}-${(made += 1)}`;
      return { ...own, place, modules, clock, name, journal: join(folder, `${name}.ndjson`) };
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
