import type { RunOptions } from "@stellaops/cutover";
import type { OpenModule, Scope } from "@stellaops/cutover/open";
import { seededIds, systemClock } from "@stellaops/kernel";
import { verbsOf } from "../verbs.ts";
import type { LoadContext, LoadWorker, ModuleLoad } from "./load.ts";

/** Where workers tell what they were answered, before the next call begins. */
export interface Sink {
  /** `key` as in `LoadContext.tell`. */
  tell(tenant: string, key: string, revision: bigint | null): void;
  once(tenant: string, thing: string): void;
}

export interface Running {
  /** Verbs that were called, as `<repository>.<verb>`. */
  readonly verbs: ReadonlySet<string>;
  /** Rounds done, of the slowest worker. @throws what a call threw, or what it answered wrongly */
  rounds(): number;
  /** Ends after the round in hand. @throws the same */
  stop(): Promise<void>;
}

/** The tenant of those that work on the same things. */
const rivals = "rivals";

interface Place<R> {
  readonly module: OpenModule<R>;
  /** Of the worker that writes alone. */
  readonly tenant: string;
  readonly seed: number;
}

/** Calls every verb of every repository, round after round. */
export function startLoad<R>(load: ModuleLoad<R>, { module, tenant, seed }: Place<R>, sink: Sink): Running {
  const verbs = new Set<string>();
  const contextIn = (where: string, own: number): LoadContext<R> => {
    let made = 0;
    return {
      on: counted(load, module.tenant(where), verbs),
      seed: own,
      ids: seededIds(systemClock, own),
      key: () => `KEY-${own}-${(made += 1)}`,
      now: () => systemClock.now(),
      tell: (key, revision) => sink.tell(where, key, revision),
      once: (thing) => sink.once(where, thing),
    };
  };
  const untold = (): never => {
    throw new Error("rivals write the same things: what is stored is not one worker's to tell");
  };
  const workers = [repeat(load.worker(contextIn(tenant, seed)))];
  if (load.rival !== undefined) workers.push(repeat(load.rival({ ...contextIn(rivals, seed + 1_000), tell: untold })));
  return {
    verbs,
    rounds: () => Math.min(...workers.map((worker) => worker.rounds())),
    stop: async () => void (await Promise.all(workers.map((worker) => worker.stop()))),
  };
}

function repeat(worker: LoadWorker): Omit<Running, "verbs"> {
  const stop = new AbortController();
  let rounds = 0;
  const running = (async () => {
    while (!stop.signal.aborted) {
      await worker.round(rounds);
      rounds += 1;
    }
    await worker.finish?.();
  })();
  let failure: { readonly error: unknown } | undefined;
  running.catch((error: unknown) => {
    failure = { error };
  });
  return {
    rounds() {
      if (failure !== undefined) throw failure.error;
      return rounds;
    },
    async stop() {
      stop.abort();
      await running;
    },
  };
}

/** The same scope, which notes the verbs that are asked of it, in units too. */
function counted<R>({ wiring }: ModuleLoad<R>, scope: Scope<R>, verbs: Set<string>): Scope<R> {
  const names = new Set(verbsOf(wiring).map((verb) => verb.split(".")[0] ?? ""));
  const noting = (repositories: object): object =>
    Object.fromEntries(
      Object.entries(repositories as Readonly<Record<string, object>>)
        .filter(([name]) => names.has(name))
        .map(([name, repository]) => [
          name,
          new Proxy(repository, {
            get(target, verb, receiver) {
              verbs.add(`${name}.${String(verb)}`);
              return Reflect.get(target, verb, receiver) as unknown;
            },
          }),
        ]),
    );
  const transaction = <T>(work: (repositories: Readonly<R>) => Promise<T>, options?: RunOptions): Promise<T> =>
    scope.transaction((bound) => work(noting(bound as object) as R), options);
  return { ...noting(scope), transaction } as unknown as Scope<R>;
}
