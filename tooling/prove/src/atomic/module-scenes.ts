import type { OpenModule, RunOptions, Scope } from "@stellaops/cutover";
import { overridden } from "../overridden.ts";
import type { Subject } from "../rig.ts";
import type { Call } from "./call.ts";
import { Caller, type Seat } from "./caller.ts";
import type { Sabotage, Sabotages, Scene, Trial, Verdict } from "./scene.ts";

interface Parts<R> extends Subject<OpenModule<R>> {
  readonly scenes: Readonly<Record<string, Scene<R>>>;
  readonly sabotages: Sabotages<R>;
}

/** A module that is open for its scenes. */
export interface OpenScenes {
  prepare(scene: string, now: Date): Promise<void>;
  work(scene: string, seat: Seat, sabotage: string | null): Promise<void>;
  judge(scene: string, calls: readonly Call[]): Promise<Verdict>;
  close(): Promise<void>;
}

/** The scenes of one module. Of which type its repositories are, nobody else has to know. */
export interface ModuleScenes extends Subject<OpenScenes> {
  readonly scenes: Readonly<Record<string, Omit<Scene<never>, "prepare" | "work" | "judge">>>;
  readonly sabotages: Readonly<Record<string, Trial>>;
}

export const moduleScenes = <R extends object>({ module, open, scenes, sabotages }: Parts<R>): ModuleScenes => ({
  module,
  scenes,
  sabotages,
  async open(options) {
    const opened = await open(options);
    const of = (name: string): { readonly scene: Scene<R>; readonly scope: Scope<R> } => {
      const scene = scenes[name];
      if (scene === undefined) throw new RangeError(`${module.name} has no scene ${name}`);
      return { scene, scope: opened.tenant(scene.measured ? "umbrella" : "acme") };
    };
    return {
      async prepare(name, now) {
        const { scene, scope } = of(name);
        await scene.prepare(scope, now);
      },
      async work(name, seat, sabotage) {
        const { scene, scope } = of(name);
        await scene.work(new Caller({ ...seat, scope: broken(scope, sabotages[sabotage ?? ""]?.change) }));
      },
      async judge(name, calls) {
        const { scene, scope } = of(name);
        return scene.judge(calls, scope);
      },
      close: () => opened.close(),
    };
  },
});

/** Single verbs and those of units alike. */
function broken<R extends object>(scope: Scope<R>, change: Sabotage<R>["change"]): Scope<R> {
  if (change === undefined) return scope;
  const transaction = <T>(work: (repositories: Readonly<R>) => Promise<T>, options?: RunOptions): Promise<T> =>
    scope.transaction((repositories) => work(overridden(repositories, change(repositories))), options);
  return overridden(scope, { ...change(scope), transaction } as unknown as Partial<Scope<R>>);
}
