import { setTimeout as wait } from "node:timers/promises";
import { judge, type Judged, type Look } from "./judge.ts";
import type { Finding } from "./comparison.ts";
import type { Key, RawSide } from "./record.ts";

export interface RecheckOptions extends Judged {
  readonly sides: { readonly primary: RawSide; readonly secondary: RawSide };
  readonly settleMs: number;
  readonly signal?: AbortSignal;
}

export interface Recheck {
  readonly findings: readonly Finding[];
  readonly lagging: number;
  /** Rows and documents that were read. */
  readonly fetched: number;
}

/**
 * Looks again at keys that a scan found unequal, all of them at once: primary, secondary, primary. Keys of which the primary changed
 * meanwhile are looked at again, for `settleMs` at most; what changes that long is lagging. What is not `wanted` is passed over.
 */
export async function recheck(
  options: RecheckOptions,
  keys: readonly Key[],
  wanted: (look: Look) => boolean = () => true,
): Promise<Recheck> {
  const { settleMs, signal } = options;
  const deadline = performance.now() + settleMs;
  const findings: Finding[] = [];
  let lagging = 0;
  let fetched = 0;
  let open = keys;
  for (let pause = 10; open.length > 0; pause = Math.min(pause * 2, 200)) {
    signal?.throwIfAborted();
    const again: Key[] = [];
    for (const look of await lookAt(options, open)) {
      for (const { record } of [look.before, look.secondary, look.after]) if (record !== null) fetched += 1;
      const verdict = wanted(look) ? judge(options, look) : "equal";
      if (verdict === "again") again.push(look.after.key);
      else if (verdict === "lagging") lagging += 1;
      else if (verdict !== "equal") findings.push(verdict);
    }
    open = again;
    if (open.length === 0) break;
    if (performance.now() > deadline) return { findings, lagging: lagging + open.length, fetched };
    await wait(pause, undefined, signal === undefined ? {} : { signal });
  }
  return { findings, lagging, fetched };
}

async function lookAt(
  { sides: { primary, secondary } }: RecheckOptions,
  keys: readonly Key[],
): Promise<readonly Look[]> {
  const before = await primary.read(keys);
  const others = await secondary.read(keys);
  const after = await primary.read(keys);
  return keys.flatMap((_, i) => {
    const [b, s, a] = [before[i], others[i], after[i]];
    return b === undefined || s === undefined || a === undefined ? [] : [{ before: b, secondary: s, after: a }];
  });
}
