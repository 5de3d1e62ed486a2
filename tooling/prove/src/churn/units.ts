import { setTimeout as wait } from "node:timers/promises";
import { seededIds, systemClock } from "@stellaops/kernel";
import { aSource } from "@stellaops/testkit/source";
import type { Vuln } from "@stellaops/vuln";
import type { Random } from "../random.ts";

/** One unit of work: what it wrote, and whether its caller was told that it is stored. */
export interface Unit {
  readonly ids: readonly string[];
  readonly acknowledged: boolean;
}

export interface Caller {
  readonly module: Vuln;
  readonly random: Random;
  readonly seed: number;
  readonly going: () => boolean;
  readonly failed: (error: unknown) => void;
}

/** Unit after unit of four new keys: two, a pause that a flip may fall into, and two more. */
export async function units({ module, random, seed, going, failed }: Caller): Promise<readonly Unit[]> {
  const ids = seededIds(systemClock, seed);
  const done: Unit[] = [];
  const { transaction } = module.tenant("acme");
  while (going()) {
    const unit = Array.from({ length: 4 }, () => ids.next());
    const [a, b, c, d] = unit.map((id) => aSource(id, { name: "not stamped" }));
    if (a === undefined || b === undefined || c === undefined || d === undefined) break;
    const pause = random.below(40);
    try {
      await transaction(async ({ sources }) => {
        await sources.put(a, 0n);
        await sources.put(b, 0n);
        await wait(pause);
        await sources.put(c, 0n);
        await sources.put(d, 0n);
      });
      done.push({ ids: unit, acknowledged: true });
    } catch (error) {
      failed(error);
      done.push({ ids: unit, acknowledged: false });
    }
  }
  return done;
}
