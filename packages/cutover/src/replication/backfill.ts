import { setTimeout as wait } from "node:timers/promises";
import { refused, systemClock, uuidV7, type Aggregate, type ModuleDefinition } from "@stellaops/kernel";
import { noFaults, type Faults } from "../faults.ts";
import type { Sides } from "../side.ts";
import type { StageView } from "../view.ts";
import { finish, type Finished } from "./finish.ts";
import { aggregatesOf, type Replicas } from "./pair.ts";
import type { Item, Progress } from "./progress.ts";
import { assertGeneration, copyRange, paused, type RangeCopy } from "./range-copy.ts";
import { Rate } from "./rate.ts";
import type { Ranges, Replica } from "./replica.ts";
import { renewing } from "./work-lease.ts";

export interface BackfillOptions {
  readonly module: ModuleDefinition;
  /** With a role that sees all tenants. */
  readonly replicas: Replicas;
  readonly sides: Sides;
  readonly progress: Progress;
  /** The stage as it is now; asked again before each page, since a backfill belongs to one generation. */
  readonly view: () => Promise<StageView>;
  /** Key ranges copied at once, in this process; 2. Other processes may run as well: they share the ranges. */
  readonly workers?: number;
  /** Keys a second at most, of this process; null for as fast as it can. */
  readonly rate?: number | null;
  /** Keys a page at most; 1,000, and fewer where they are large. */
  readonly batch?: number;
  /** Keys a range holds about; 20,000. */
  readonly rangeSize?: number;
  /** How long a killed worker's range waits for another; milliseconds, 10,000. */
  readonly leaseMs?: number;
  readonly faults?: Faults;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: BackfillProgress) => void;
}

/** What this run has seen of an aggregate: all that was copied before it, and by itself. */
export interface BackfillProgress {
  readonly aggregate: string;
  readonly copied: number;
  /** Keys when it was planned, about. */
  readonly estimate: number;
  readonly done: boolean;
}

export interface Backfilled extends Finished {
  readonly generation: bigint;
  /** Rows and documents of the primary, by whomever they were copied. */
  readonly copied: number;
}

/**
 * Copies everything the primary holds through the register, in key ranges that the workers of any number of processes share; then one of
 * them sweeps what older generations left at the secondary, and tries what was refused once more. Goes on from durable cursors, and ends
 * at once where this generation is done.
 * @throws `BACKFILL_NOT_REPLICATING`, `BACKFILL_GENERATION_OVER`, `BACKFILL_PAUSED` (refused)
 */
export async function backfill(options: BackfillOptions): Promise<Backfilled> {
  const { module, replicas, progress, workers = 2, leaseMs = 10_000, faults = noFaults } = options;
  const view = replicating(await options.view(), module);
  const { generation } = view;
  const before = await progress.state(generation);
  if (before.sweptAt !== null)
    return { generation, copied: 0, swept: 0, parked: await parkedIn(replicas[view.primary]) };
  if (before.pausedAt !== null) throw paused(module);
  if (before.plannedAt === null) await plan(options, view);
  const failed = new AbortController();
  const signal = options.signal === undefined ? failed.signal : AbortSignal.any([options.signal, failed.signal]);
  const work: RangeCopy = {
    module,
    replicas,
    progress,
    current: options.view,
    view,
    rate: new Rate(options.rate ?? null),
    batch: options.batch ?? 1_000,
    leaseMs,
    faults,
    signal,
    copied: await told(options, generation),
  };
  const finished = await together(work, workers, failed, () => finish({ ...options, view, faults, signal }));
  const copied = (await progress.aggregates(generation)).reduce((sum, one) => sum + one.copied, 0);
  return { generation, copied, ...finished };
}

function replicating(view: StageView, { name }: ModuleDefinition): StageView {
  if (view.secondary !== null) return view;
  throw refused(
    "BACKFILL_NOT_REPLICATING",
    `module ${name} is at stage ${view.stage}, which has one database; advance it to a stage that replicates first`,
  );
}

/** Where two plan at once, the first plan stands. */
async function plan(
  { module, replicas, progress, rangeSize = 20_000 }: BackfillOptions,
  view: StageView,
): Promise<void> {
  const ranges = new Map<string, Ranges>();
  for (const aggregate of module.aggregates)
    ranges.set(aggregate.table, await replicas[view.primary].ranges(aggregate, rangeSize));
  await progress.plan(view.generation, ranges);
}

/** Looks again while other processes hold ranges, or finish: theirs are free when they die. */
const lookMs = 200;

/** Copies with several workers; whoever finds every range copied, and nobody at it, does the rest. */
async function together(
  work: RangeCopy,
  workers: number,
  failed: AbortController,
  finishing: () => Promise<Finished>,
): Promise<Finished> {
  const { module, progress, view, leaseMs, replicas, signal } = work;
  const { generation } = view;
  const lease = progress.lease(`finish backfill ${generation}`, newName());
  for (;;) {
    const each = Array.from({ length: workers }, () => copyRanges(work, newName()));
    // One worker's trouble ends the others; what they throw then says less than the first.
    for (const one of each) one.catch((error: unknown) => failed.abort(error));
    await Promise.allSettled(each);
    signal.throwIfAborted();
    const { sweptAt, pausedAt } = await progress.state(generation);
    if (sweptAt !== null) return { parked: await parkedIn(replicas[view.primary]), swept: 0 };
    if (pausedAt !== null) throw paused(module);
    await assertGeneration(work);
    const done = (await progress.aggregates(generation)).every((one) => one.done);
    if (done && (await lease.hold(leaseMs))) return await renewing(lease, leaseMs, finishing);
    await wait(lookMs, undefined, { signal });
  }
}

const newName = (): string => uuidV7(systemClock).next();
const parkedIn = async (primary: Replica): Promise<number> => (await primary.backlog()).parked;

/** One range after the other, until none is left that no other worker holds. */
async function copyRanges(work: RangeCopy, worker: string): Promise<void> {
  const { module, progress, view, leaseMs, faults, signal } = work;
  const aggregates = aggregatesOf(module);
  for (;;) {
    signal.throwIfAborted();
    const item = await progress.claim(view.generation, worker, leaseMs);
    if (item === null) return;
    await faults.at("backfill-claimed");
    await copyRange(work, aggregateOf(aggregates, item), item).catch(async (error: unknown) => {
      await progress.release(view.generation, item).catch(() => undefined);
      throw error;
    });
  }
}

function aggregateOf(aggregates: ReadonlyMap<string, Aggregate>, { aggregate }: Item): Aggregate {
  const found = aggregates.get(aggregate);
  if (found === undefined) throw new TypeError(`the plan names ${aggregate}, which this version does not know`);
  return found;
}

/** Counts on from what was copied before. */
async function told({ progress, onProgress }: BackfillOptions, generation: bigint): Promise<RangeCopy["copied"]> {
  if (onProgress === undefined) return () => {};
  const seen = new Map((await progress.aggregates(generation)).map((one) => [one.aggregate, { ...one }]));
  return (aggregate, keys, done) => {
    const one = seen.get(aggregate);
    if (one === undefined) return;
    const now = { ...one, copied: one.copied + keys, itemsDone: one.itemsDone + (done ? 1 : 0) };
    seen.set(aggregate, now);
    const { copied, estimate, itemsDone, items } = now;
    onProgress({ aggregate, copied, estimate, done: itemsDone === items });
  };
}
