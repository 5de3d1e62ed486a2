import { setTimeout as wait } from "node:timers/promises";
import { codeOf, seededIds, systemClock } from "@stellaops/kernel";
import { generateOsv, mapOsv, type Advisories, type Advisory, type Vuln } from "@stellaops/vuln";
import type { Durations } from "../percentiles.ts";
import type { Random } from "../random.ts";
import { acme } from "../rig.ts";

/** What was acknowledged: the highest revision of each key. */
export type Acknowledged = Map<string, bigint>;

export interface Callers {
  /** Calls a service for so long, timed into `durations`. */
  window(module: Vuln, milliseconds: number, durations: Durations): Promise<void>;
  readonly acknowledged: Acknowledged;
  readonly failed: string[];
  /** Reads that gave less than was acknowledged before. */
  readonly stale: string[];
}

export const workers = 4;
/** Paced, so that what is measured is how long a call takes, not how many the machine does. */
const pauseMs = 6;

export function callersOf(random: Random): Callers {
  const records = generateOsv({ count: 1_000_000, seed: random.below(2 ** 30) });
  const ids = seededIds(systemClock, random.below(2 ** 30));
  const own: Advisory[][] = Array.from({ length: workers }, () => []);
  const acknowledged: Acknowledged = new Map();
  const [failed, stale]: [string[], string[]] = [[], []];

  const made = (): Advisory => {
    const now = systemClock.now();
    const id = ids.next();
    return {
      ...mapOsv(records.next().value),
      advisoryKey: id,
      id,
      sourceId: ids.next(),
      createdAt: now,
      updatedAt: now,
    };
  };
  const put = async (advisories: Advisories, one: Advisory): Promise<void> => {
    acknowledged.set(one.id, await advisories.put(one, acknowledged.get(one.id) ?? 0n));
  };
  const turn = async (advisories: Advisories, mine: Advisory[], draw: Random): Promise<void> => {
    const known = mine.length === 0 ? undefined : draw.chance(0.5) ? mine.at(-1) : draw.pick(mine);
    if (known === undefined || draw.chance(0.2)) {
      const one = made();
      mine.push(one);
      await put(advisories, one);
    } else if (draw.chance(0.5)) await put(advisories, { ...known, title: `turn ${draw.below(1_000)}` });
    else {
      const found = await advisories.get(known.id);
      const least = acknowledged.get(known.id) ?? 0n;
      if ((found?.revision ?? 0n) < least)
        stale.push(`${known.id} was acknowledged at ${least} and read at ${found?.revision ?? "nothing"}`);
    }
  };
  return {
    acknowledged,
    failed,
    stale,
    async window(module, milliseconds, durations) {
      const { advisories } = module.tenant(acme);
      const end = performance.now() + milliseconds;
      await Promise.all(
        own.map(async (mine, index) => {
          const draw = random.fork(index);
          while (performance.now() < end) {
            await durations
              .time(() => turn(advisories, mine, draw))
              .catch((error: unknown) => failed.push(`a call failed: ${codeOf(error) ?? String(error)}`));
            await wait(pauseMs);
          }
        }),
      );
    },
  };
}
