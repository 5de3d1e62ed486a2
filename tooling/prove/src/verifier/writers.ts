import { setTimeout as wait } from "node:timers/promises";
import type { Random } from "../random.ts";
import type { Rig } from "../rig.ts";
import { advisoryOf, keyOf } from "./fill.ts";

/** Writers of a live service, on keys that hold no fault; how many writes they have made. */
export interface Writers extends AsyncDisposable {
  readonly written: () => number;
  /** Waits until what they wrote is replicated. */
  stop(): Promise<void>;
}

export async function writersOn(
  rig: Rig,
  {
    numbers,
    random,
    workers,
    pauseMs,
  }: { numbers: readonly number[]; random: Random; workers: number; pauseMs: number },
): Promise<Writers> {
  const service = await rig.open();
  const stopped = new AbortController();
  let written = 0;
  const work = async (mine: readonly number[], draw: Random): Promise<void> => {
    while (!stopped.signal.aborted) {
      const n = draw.pick(mine);
      const { tenant, id } = keyOf(n);
      const scope = tenant === "@global" ? service.module.shared() : service.module.tenant(tenant);
      const changed = { ...advisoryOf(n), title: `written ${draw.below(1e9)}` };
      const removed = draw.chance(0.1);
      // Whether every call succeeds on a busy machine is not what is shown here.
      await once().then(
        () => (written += 1),
        () => null,
      );
      await wait(pauseMs);

      async function once(): Promise<void> {
        const found = await scope.advisories.get(id);
        if (found !== null && removed) await scope.advisories.delete(id, found.revision);
        else await scope.advisories.put(changed, found?.revision ?? 0n);
      }
    }
  };
  const working = Array.from({ length: workers }, (_, w) =>
    work(
      numbers.filter((_n, i) => i % workers === w),
      random.fork(w),
    ),
  );
  const stop = async (): Promise<void> => {
    stopped.abort();
    await Promise.all(working);
    while ((await rig.replicas.mongo.backlog()).pending > 0) await wait(20);
  };
  return {
    written: () => written,
    stop,
    async [Symbol.asyncDispose]() {
      stopped.abort();
      await Promise.allSettled(working);
      await service[Symbol.asyncDispose]();
    },
  };
}
