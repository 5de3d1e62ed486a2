import { isId, refused, retryTransient, type TenantId } from "@stellaops/kernel";
import type { Comparison, Finding } from "../compare/comparison.ts";
import type { CompareOptions } from "../compare/prepare.ts";
import { recheckFindings } from "../compare/recheck-findings.ts";
import { noFaults, type Faults } from "../faults.ts";
import { copyKeys, isRefusal } from "../replication/copy.ts";
import { drain } from "../replication/drain.ts";
import { aggregatesOf, from, type Replicas } from "../replication/pair.ts";
import type { Parked } from "../replication/replica.ts";
import type { StageView } from "../view.ts";
import { unregistered } from "./unregistered.ts";
import { verdictOf, type Untouched } from "./verdict.ts";

export interface RepairOptions extends Omit<CompareOptions, "view"> {
  readonly view: StageView;
  readonly replicas: Replicas;
  /** Its findings are looked at again, and only those that are still there are acted upon. */
  readonly comparison: Comparison;
  /** Says what would be applied, and changes nothing. */
  readonly dryRun?: boolean;
  readonly faults?: Faults;
}

export interface Left {
  readonly finding: Finding;
  readonly why: Untouched;
}

export interface Repaired {
  /** Pending keys that were applied; with `dryRun`, those that are pending. */
  readonly drained: number;
  /** Findings that the registers proved to be lag, and that are gone now; with `dryRun`, those that would be applied. */
  readonly applied: readonly Finding[];
  /** Findings that are gone by themselves. */
  readonly gone: readonly Finding[];
  /** What is not touched, and why. */
  readonly left: readonly Left[];
  /** Keys that the secondary refuses; the first thousand. */
  readonly parked: readonly Parked[];
  /** Keys whose replication is pending still. */
  readonly lagging: number;
  /** Findings that the comparison counted and did not name. */
  readonly unnamed: number;
}

const parkedShown = 1_000;

/** Nothing is left to do, for a person or for another run. */
export const isWhole = ({ left, parked, lagging, unnamed }: Repaired): boolean =>
  left.length === 0 && parked.length === 0 && lagging === 0 && unnamed === 0;

/**
 * Drains what is pending, then applies the findings that the registers prove to be lag, each through the register as replication does, so that
 * nothing newer is overwritten; and looks at each of them again. All else is left as it is, with the reason. May run under writes, and again.
 * @throws `REPAIR_NOT_REPLICATING` (refused); `APPLY_FENCED` (refused) when the stage changes meanwhile; what `compareModule` throws
 */
export async function repairModule(options: RepairOptions): Promise<Repaired> {
  const { module, view, replicas, comparison, dryRun = false } = options;
  if (view.secondary === null)
    throw refused(
      "REPAIR_NOT_REPLICATING",
      `module ${module.name} is at stage ${view.stage}, which has one database: there is nothing to repair it from`,
    );
  const drained = dryRun ? (await replicas[view.primary].backlog()).pending : await drainPending(options);
  const now = await recheckFindings(options, comparison);
  const tried: Finding[] = [];
  const left: Left[] = [];
  for (const finding of now.findings) {
    options.signal?.throwIfAborted();
    const why = await retryTransient(() => attempt(options, finding));
    if (why === null) tried.push(finding);
    else left.push({ finding, why });
  }
  const after = dryRun || tried.length === 0 ? null : await recheckFindings(options, only(comparison, tried));
  const still = after?.findings ?? [];
  return {
    drained,
    applied: after?.gone ?? (dryRun ? tried : []),
    gone: now.gone,
    left: [...left, ...still.map((finding) => ({ finding, why: "refused" as const }))],
    parked: await replicas[view.primary].parked(parkedShown),
    lagging: now.lagging + (after?.lagging ?? 0),
    unnamed: comparison.aggregates.reduce((sum, { moreFindings }) => sum + moreFindings, 0),
  };
}

/** What is parked is tried once more. */
async function drainPending({ module, view, replicas, faults = noFaults, signal }: RepairOptions): Promise<number> {
  await replicas[view.primary].unpark();
  const aggregates = aggregatesOf(module);
  const draining = { aggregates, replicas, faults, signal: signal ?? new AbortController().signal };
  return (await drain(draining, () => view)).applied;
}

/** Applies one finding, unless it must not be, or with `dryRun`; why it was left. */
async function attempt(options: RepairOptions, finding: Finding): Promise<Untouched | null> {
  const { module, view, replicas, dryRun = false, faults = noFaults } = options;
  const aggregate = aggregatesOf(module).get(finding.aggregate);
  if (aggregate === undefined || finding.tenant === null || finding.id === null) return "table";
  const home = { aggregate, tenant: finding.tenant as TenantId };
  const pair = from(replicas, view.primary);
  const { id } = finding;
  // A document's id may be anything; the register of PostgreSQL has UUIDs only.
  if (!isId(id)) return finding.class === "extra" ? "extra" : "unreadable";
  const [[source = null], [target = null]] = await Promise.all(
    pair.map((replica) => replica.read(aggregate, home.tenant, [id])) as [Read, Read],
  );
  const verdict = verdictOf(finding, source, target);
  if (!verdict.apply) return verdict.why;
  if (dryRun) return null;
  if (source === null) {
    const state = await unregistered(pair[0], home, id, view.generation);
    if (state === null || state.fault !== null) return "damaged";
    try {
      await pair[1].apply(aggregate, home.tenant, [state], view.generation);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return "refused";
    }
  } else await copyKeys(pair, { ...home, ids: [id] }, view.generation);
  await faults.at("repair-applied");
  return null;
}

type Read = ReturnType<Replicas["mongo"]["read"]>;

const only = (comparison: Comparison, findings: readonly Finding[]): Comparison => ({
  ...comparison,
  aggregates: comparison.aggregates.map((one) => ({
    ...one,
    findings: findings.filter(({ aggregate }) => aggregate === one.aggregate),
  })),
});
