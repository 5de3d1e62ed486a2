import { codeOf, familyOf, isDataLayerError, maxBytes, sizeOf } from "@stellaops/kernel";
import { noFaults, type Faults } from "../faults.ts";
import type { HomeKeys } from "./pair.ts";
import type { Home, KeyState, Replica } from "./replica.ts";

export interface Copied {
  /** Keys, with those that were not asked for and came along because a unique value had moved. */
  readonly applied: number;
  /** Ids that the target refused. */
  readonly parked: readonly string[];
}

type Pair = readonly [source: Replica, target: Replica];
type Refusals = ReadonlyMap<KeyState, unknown>;

/** Keys that one transaction applies at most when unique values have moved between them. */
const knotLimit = 2_000;

/** Keys read at first; how heavy they are tells how many may be read next. */
const firstRead = 25;

/**
 * Reads keys at the source, applies them at the target, clears their marks: what applier and replicator do. A few at a time at first, since
 * keys weigh from a hundred bytes to megabytes: about what one aggregate may hold is in memory at once.
 */
export async function copyKeys(
  pair: Pair,
  { ids, ...home }: HomeKeys,
  generation: bigint,
  faults: Faults = noFaults,
): Promise<Copied> {
  let applied = 0;
  const parked: string[] = [];
  for (let at = 0, size = firstRead; at < ids.length;) {
    const states = await pair[0].read(home.aggregate, home.tenant, ids.slice(at, at + size));
    await faults.at("apply-read");
    at += size;
    const weight = states.reduce((sum, state) => sum + weightOf(state), 0);
    size = weight > maxBytes / 4 ? Math.max(1, Math.floor(size / 2)) : size * 2;
    const copied = await copyStates(pair, home, states, generation, faults);
    applied += copied.applied;
    parked.push(...copied.parked);
  }
  return { applied, parked };
}

async function copyStates(
  pair: Pair,
  home: Home,
  states: readonly KeyState[],
  generation: bigint,
  faults: Faults,
): Promise<Copied> {
  const [source, target] = pair;
  const { aggregate, tenant } = home;
  const refusals = await refusalsOf(target, home, states, generation);
  await faults.at("apply-applied");
  const applied = states.filter((state) => !refusals.has(state));
  if (applied.length > 0) await source.clear(aggregate, tenant, applied);
  await faults.at("apply-cleared");
  if (refusals.size === 0) return { applied: applied.length, parked: [] };
  const knot = new Map([...refusals].filter(([, error]) => codeOf(error) === "UNIQUE_VIOLATION"));
  await park(source, home, new Map([...refusals].filter(([state]) => !knot.has(state))));
  const untied = knot.size === 0 ? 0 : await untie(pair, home, knot, generation);
  await faults.at("apply-parked");
  const parked = [...refusals.keys()].filter((state) => untied === 0 || !knot.has(state));
  return { applied: applied.length + untied, parked: parked.map(({ id }) => id) };
}

/** Applies states in bulk; what the target refuses is set aside at the source. */
export async function fillStates(
  [source, target]: Pair,
  home: Home,
  states: readonly KeyState[],
  generation: bigint,
): Promise<void> {
  await park(source, home, await refusalsOf({ ...target, apply: target.fill }, home, states, generation));
}

/** As a backfill copies a row: at the higher of its own and this generation, so that the sweep can tell it from what older ones left. */
export const stamped = (state: KeyState, generation: bigint): KeyState =>
  state.generation > generation ? state : { ...state, generation };

/** Applies states in one transaction; when the target refuses one, each alone, so that only the refused are told. */
async function refusalsOf(
  target: Replica,
  { aggregate, tenant }: Home,
  states: readonly KeyState[],
  generation: bigint,
): Promise<Refusals> {
  const refusals = new Map<KeyState, unknown>();
  for (const state of states) if (state.fault !== null) refusals.set(state, state.fault);
  for (const readable of byWeight(states.filter(({ fault }) => fault === null))) {
    const [only, ...others] = readable;
    try {
      await target.apply(aggregate, tenant, readable, generation);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (only !== undefined && others.length === 0) refusals.set(only, error);
      else
        for (const state of readable)
          await target.apply(aggregate, tenant, [state], generation).catch((single: unknown) => {
            if (!isRefusal(single)) throw single;
            refusals.set(state, single);
          });
    }
  }
  return refusals;
}

/** What one transaction applies: as much as one aggregate may hold, so that its statement stays below every limit. */
function byWeight(states: readonly KeyState[]): readonly (readonly KeyState[])[] {
  const chunks: KeyState[][] = [];
  let weight = maxBytes;
  for (const state of states) {
    const size = weightOf(state);
    if (weight + size > maxBytes) {
      chunks.push([]);
      weight = 0;
    }
    weight += size;
    chunks.at(-1)?.push(state);
  }
  return chunks;
}

const weights = new WeakMap<KeyState, number>();

/** About the bytes of what travels; looked at more than once. */
export function weightOf(state: KeyState): number {
  let weight = weights.get(state);
  if (weight === undefined) weights.set(state, (weight = sizeOf(state.value)));
  return weight;
}

/**
 * A unique value that the target refuses is held there by a key that has given it up at the source. Unless that key is older than this
 * replication, it is pending: so all that is pending is applied at once, from one snapshot, in which unique values are unique.
 */
async function untie([source, target]: Pair, home: Home, knot: Refusals, generation: bigint): Promise<number> {
  const { aggregate, tenant } = home;
  const pending = await source.pending(knotLimit, home);
  const ids = new Set([...knot.keys(), ...pending].map(({ id }) => id));
  const states = (await source.read(aggregate, tenant, [...ids])).filter(({ fault }) => fault === null);
  try {
    await target.apply(aggregate, tenant, states, generation);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await park(source, home, knot);
    return 0;
  }
  await source.clear(aggregate, tenant, states);
  return states.length;
}

async function park(source: Replica, { aggregate, tenant }: Home, refusals: Refusals): Promise<void> {
  for (const [state, error] of refusals) await source.park(aggregate, tenant, state, reasonOf(error));
}

/** An answer that nobody expected is one too: it must not hold up the others, and what is set aside is tried again later. */
const refusing: ReadonlySet<unknown> = new Set([
  "IMMUTABLE",
  "VALUE_REFUSED_BY_SERVER",
  "POSTGRES_UNEXPECTED",
  "MONGO_UNEXPECTED",
]);

/** The database said no to the content; anything else may go away by itself. */
export const isRefusal = (error: unknown): boolean => {
  const family = familyOf(error);
  return family === "integrity" || family === "data" || refusing.has(codeOf(error));
};

const reasonOf = (error: unknown): string =>
  isDataLayerError(error) ? `${error.code}: ${error.message}`.slice(0, 1_000) : String(error);
