import { codeOf, familyOf, isDataLayerError, type Aggregate, type TenantId } from "@stellaops/kernel";
import type { KeyState, Replica } from "./replica.ts";

export interface Copied {
  readonly applied: number;
  readonly parked: number;
}

/** Reads keys at the source, applies them at the target, clears their marks: what applier and replicator do. */
export async function copyKeys(
  pair: readonly [Replica, Replica],
  {
    aggregate,
    tenant,
    ids,
  }: { readonly aggregate: Aggregate; readonly tenant: TenantId; readonly ids: readonly string[] },
  generation: bigint,
): Promise<Copied> {
  const [source] = pair;
  const states = await source.read(aggregate, tenant, ids);
  const refusals = await applyStates(pair, aggregate, tenant, states, generation);
  const applied = states.filter((state) => !refusals.has(state));
  if (applied.length > 0) await source.clear(aggregate, tenant, applied);
  return { applied: applied.length, parked: refusals.size };
}

/**
 * Applies states in one transaction; when the target refuses one, each alone, so that only the refused are set aside, with their reason.
 */
export async function applyStates(
  [source, target]: readonly [Replica, Replica],
  aggregate: Aggregate,
  tenant: TenantId,
  states: readonly KeyState[],
  generation: bigint,
): Promise<ReadonlyMap<KeyState, string>> {
  const readable = states.filter(({ fault }) => fault === null);
  const refusals = new Map<KeyState, string>();
  for (const state of states) if (state.fault !== null) refusals.set(state, reasonOf(state.fault));
  try {
    if (readable.length > 0) await target.apply(aggregate, tenant, readable, generation);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    for (const state of readable)
      await target.apply(aggregate, tenant, [state], generation).catch((single: unknown) => {
        if (!isRefusal(single)) throw single;
        refusals.set(state, reasonOf(single));
      });
  }
  for (const [state, reason] of refusals) await source.park(aggregate, tenant, state, reason);
  return refusals;
}

/** The database said no to the content; anything else may go away by itself. */
const isRefusal = (error: unknown): boolean => {
  const family = familyOf(error);
  return family === "integrity" || family === "data" || codeOf(error) === "VALUE_REFUSED_BY_SERVER";
};

const reasonOf = (error: unknown): string =>
  isDataLayerError(error) ? `${error.code}: ${error.message}`.slice(0, 1_000) : String(error);
