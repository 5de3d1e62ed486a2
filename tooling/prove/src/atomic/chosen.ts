import type { ModuleScenes } from "./module-scenes.ts";
import { modules } from "./modules.ts";
import type { Holding, Trial } from "./scene.ts";

const scenes = Object.fromEntries(modules.flatMap((module) => Object.entries(module.scenes)));
const trials: Readonly<Record<string, Trial>> = Object.fromEntries(
  modules.flatMap((module) => Object.entries(module.sabotages)),
);

/** Those that have one of these scenes. */
export const modulesOf = (chosen: readonly string[]): readonly ModuleScenes[] =>
  modules.filter((module) => chosen.some((name) => name in module.scenes));

/** By scene, in each process: of some scenes, or of all that are guarantees. */
export const callersOf = (some: readonly string[] | null): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(scenes)
      .filter(([name, { measured = false }]) => some?.includes(name) ?? !measured)
      .map(([name, { callers }]) => [name, callers]),
  );

/** What callers of these scenes may have. */
export const holdingsOf = (chosen: readonly string[]): readonly Holding[] =>
  chosen.flatMap((name) => scenes[name]?.holds ?? []);

/** By the name of the count: how much must have been tried. */
export const leastOf = (chosen: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    chosen.flatMap((name) =>
      Object.entries(scenes[name]?.least ?? {}).map(([what, least]) => [`${name} ${what}`, least]),
    ),
  );

export const sabotages: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(trials).map(([kind, { breaks }]) => [kind, breaks]),
);

/** What is tried, and where; null: everything everywhere. */
export const trialOf = (kind: string | null): Trial | null => (kind === null ? null : (trials[kind] ?? null));
