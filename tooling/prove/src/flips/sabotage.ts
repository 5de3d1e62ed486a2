import { setTimeout as wait } from "node:timers/promises";
import type { Backends, Replicas, Seams, Sides, StageSource, ReadTicket } from "@stellaops/cutover";
import { refused } from "@stellaops/kernel";
import { whenFenced } from "./fenced.ts";

export const sabotages = {
  "open-fence": "the fence of MongoDB does not wait for units in flight, which take their time there",
  "no-drain": "nothing is applied, and a move of the primary does not wait for it",
  "no-lease": "reads go where the stage said a second ago, and are believed without a lease",
  "one-try": "a unit that is fenced is not run again",
} as const;

/** What a service of the experiment is broken with. */
export function seamsOf(kind: string | null): Seams {
  if (kind === "open-fence") return { sides: withoutFence, backends: slowOnMongo };
  if (kind === "no-drain") return { replicas: idle };
  if (kind === "one-try") return { backends: (backends) => whenFenced(backends, final) };
  return kind === "no-lease" ? { stage: late } : {};
}

/** Closing lets units in flight go on. */
export const withoutFence = (sides: Sides): Sides => ({
  ...sides,
  mongo: { ...sides.mongo, fence: { ...sides.mongo.fence, close: () => Promise.resolve(null) } },
});

/** Every write is a transaction that stays open for a while after its verb. */
const slowOnMongo = ({ mongo, postgres }: Backends): Backends => ({
  postgres,
  mongo: {
    ...mongo,
    single: (access, work) =>
      access.live === null
        ? mongo.single(access, work)
        : mongo.transaction(access, async (repositories) => {
            const answer = await work(repositories);
            await wait(150);
            return answer;
          }),
  },
});

/** Of a family that is not run again. */
const final = (cause: unknown): never => {
  throw refused("ONE_TRY", "the unit was fenced, and nobody runs it again", { cause });
};

/** Nothing is applied. */
export const idle = (replicas: Replicas): Replicas => {
  const away = { apply: () => Promise.reject(new Error("nothing is applied")) };
  return { mongo: { ...replicas.mongo, ...away }, postgres: { ...replicas.postgres, ...away } };
};

/** The source as it was a second ago. */
const late = (source: StageSource): StageSource => {
  const seen: { readonly at: number; readonly ticket: ReadTicket }[] = [];
  return Object.assign(Object.create(source) as StageSource, {
    begin: (options: Parameters<StageSource["begin"]>[0]) => source.begin(options),
    current: () => source.current(),
    refresh: () => source.refresh(),
    workView: () => source.workView(),
    moving: () => source.moving(),
    subscribe: (listener: Parameters<StageSource["subscribe"]>[0]) => source.subscribe(listener),
    close: () => source.close(),
    assertReadable() {},
    beginRead() {
      const now = performance.now();
      seen.push({ at: now, ticket: { view: source.current(), term: 0 } });
      while (seen[1] !== undefined && seen[1].at < now - 1_000) seen.shift();
      return Promise.resolve(seen[0]?.ticket);
    },
  });
};
