import {
  maxBytes,
  refused,
  retryTransient,
  type Aggregate,
  type ModuleDefinition,
  type TenantId,
} from "@stellaops/kernel";
import type { Faults } from "../faults.ts";
import type { StageView } from "../view.ts";
import { fillStates, stamped, weightOf } from "./copy.ts";
import { from, type Replicas } from "./pair.ts";
import type { Item, Progress } from "./progress.ts";
import type { Rate } from "./rate.ts";
import type { KeyState, Position, Scanned } from "./replica.ts";

export interface RangeCopy {
  readonly module: ModuleDefinition;
  readonly replicas: Replicas;
  readonly progress: Progress;
  /** Asked again before each page, since a backfill belongs to one generation. */
  readonly current: () => Promise<StageView>;
  readonly view: StageView;
  readonly rate: Rate;
  /** Keys a page at most. */
  readonly batch: number;
  readonly leaseMs: number;
  readonly faults: Faults;
  readonly signal: AbortSignal;
  readonly copied: (aggregate: string, keys: number, done: boolean) => void;
}

const firstPage = 10;

interface Page {
  readonly after: Position | null;
  readonly limit: number;
  readonly scanned: readonly Scanned[];
}

/**
 * Copies one key range, from its cursor on: a page is read while the one before it is applied, and the cursor is saved behind what was
 * applied. Ends early where another worker has taken the range over.
 * @throws `BACKFILL_GENERATION_OVER`, `BACKFILL_PAUSED` (refused)
 */
export async function copyRange(work: RangeCopy, aggregate: Aggregate, item: Item): Promise<void> {
  const { progress, replicas, view, faults, signal, leaseMs } = work;
  const pair = from(replicas, view.primary);
  const scan = async (after: Position | null, limit: number): Promise<Page> => {
    await assertGeneration(work);
    const scanned = await retryTransient(() => pair[0].scan(aggregate, after, limit, item.last), { signal });
    await faults.at("backfill-scanned");
    return { after, limit, scanned };
  };
  const begun = performance.now();
  let total = 0;
  // Keys are asked for by the page and weigh from a hundred bytes to megabytes: the first page is small, and tells how large the next may be.
  let next: Promise<Page> = scan(item.cursor ?? item.first, Math.min(firstPage, work.batch, work.rate.page));
  try {
    for (let done = false; !done;) {
      signal.throwIfAborted();
      const { after, limit, scanned } = await next;
      const states = byTenant(scanned, view.generation);
      done = scanned.length < limit;
      const cursor = lastOf(scanned) ?? after;
      if (!done) {
        next = scan(cursor, Math.min(grown(limit, states, work.batch), work.rate.page));
        // Awaited in the next turn; until then it must not count as unhandled.
        next.catch(() => undefined);
      }
      await work.rate.take(scanned.length, signal);
      for (const [tenant, of] of states)
        await retryTransient(() => fillStates(pair, { aggregate, tenant }, of, view.generation), { signal });
      await faults.at("backfill-applied");
      total += scanned.length;
      const rate = (total * 1_000) / Math.max(1, performance.now() - begun);
      const held = await progress.save(view.generation, item, { cursor, copied: scanned.length, done, rate }, leaseMs);
      await faults.at("backfill-saved");
      if (held === "lost") return;
      work.copied(item.aggregate, scanned.length, done);
      if (held === "paused" && !done) throw paused(work.module);
    }
  } finally {
    await next.catch(() => undefined);
  }
}

export const paused = ({ name }: ModuleDefinition): Error =>
  refused(
    "BACKFILL_PAUSED",
    `the backfill of module ${name} is paused; \`stella-data backfill resume --module ${name}\` lets it go on, and \`backfill run\` then goes on from its cursors`,
  );

export async function assertGeneration({ current, view, module }: RangeCopy): Promise<void> {
  const now = await current();
  if (now.generation === view.generation && now.primary === view.primary) return;
  throw refused("BACKFILL_GENERATION_OVER", `the stage of module ${module.name} changed; begin the backfill again`);
}

/** Two pages are in memory at once: together they are to stay below what one aggregate may hold. */
function grown(limit: number, groups: ReadonlyMap<TenantId, readonly KeyState[]>, batch: number): number {
  let weight = 0;
  for (const states of groups.values()) for (const state of states) weight += weightOf(state);
  return weight > maxBytes / 2 ? Math.max(1, Math.floor(limit / 2)) : Math.min(batch, limit * 2);
}

function byTenant(scanned: readonly Scanned[], generation: bigint): ReadonlyMap<TenantId, readonly KeyState[]> {
  const groups = new Map<TenantId, KeyState[]>();
  for (const { tenant, state } of scanned) {
    const group = groups.get(tenant);
    if (group === undefined) groups.set(tenant, [stamped(state, generation)]);
    else group.push(stamped(state, generation));
  }
  return groups;
}

const lastOf = (scanned: readonly Scanned[]): Position | null => {
  const last = scanned.at(-1);
  return last === undefined ? null : { tenant: last.tenant, id: last.state.id };
};
