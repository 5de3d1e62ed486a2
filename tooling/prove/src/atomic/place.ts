import { join } from "node:path";
import type { Seams, StageWord } from "@stellaops/cutover";
import type { Servers } from "@stellaops/servers";
import { moduleRig, type Rig } from "../rig.ts";
import { moment } from "./call.ts";
import type { Job, Place } from "./job.ts";
import type { ModuleScenes, OpenScenes } from "./module-scenes.ts";

/** Modules, each in databases of its own. */
export interface Rigs extends AsyncDisposable {
  readonly all: readonly Rigged[];
}
interface Rigged {
  readonly module: ModuleScenes;
  readonly rig: Rig<OpenScenes>;
}

/** `stage`: where their records begin; null: they have none. */
export async function rigsOf(servers: Servers, modules: readonly ModuleScenes[], stage: "mongo" | null): Promise<Rigs> {
  await using parts = new AsyncDisposableStack();
  const all: Rigged[] = [];
  for (const module of modules) all.push({ module, rig: parts.use(await moduleRig(servers, module, stage)) });
  const kept = parts.move();
  return { all, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** The modules as this process has them open, and what other processes need to know to open them. */
export interface OpenPlace extends AsyncDisposable {
  readonly place: Place;
  readonly rigs: Rigs;
  readonly modules: readonly (ModuleScenes & { readonly opened: OpenScenes })[];
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
  const modules = await Promise.all(
    rigs.all.map(async ({ module, rig }) => {
      const { module: opened } = parts.use(await rig.open({ stage, connections: 4, seams }));
      return { ...module, opened };
    }),
  );
  const clock = { now: Date.now(), moment: moment() };
  const at = Object.fromEntries(
    rigs.all.map(({ module: { module }, rig: { urls, database } }) => [module.name, { ...urls, database }]),
  );
  const kept = parts.move();
  return {
    place,
    rigs,
    modules,
    now: () => new Date(clock.now + Math.floor((moment() - clock.moment) / 1_000)),
    job(own) {
      const name = `${place}-${(made += 1)}`;
      return { ...own, place, modules: at, clock, name, journal: join(folder, `${name}.ndjson`) };
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

export async function prepare({ modules, now }: OpenPlace, chosen: readonly string[]): Promise<void> {
  for (const { scenes, opened } of modules)
    for (const name of chosen) if (name in scenes) await opened.prepare(name, now());
}
