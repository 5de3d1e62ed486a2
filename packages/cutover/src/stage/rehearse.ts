import { setTimeout as wait } from "node:timers/promises";
import { refused } from "@stellaops/kernel";
import { changeStage, recover, type StageChange } from "../move.ts";
import type { Replicas } from "../replication/pair.ts";
import type { Sides } from "../side.ts";
import { stages, stepTowards, type Stage } from "../stages.ts";
import type { StageView } from "../view.ts";
import type { KnownInstance } from "./known-instances.ts";
import { instancesOf } from "./known-instances.ts";

export interface Rehearsal extends Omit<StageChange, "target" | "drained"> {
  readonly replicas: Replicas;
  /** Also move the primary, there and back, under its guards. */
  readonly withPrimary?: boolean;
  /** How long instances may take to acknowledge a stage before they are told as missing; 5,000. */
  readonly acknowledgeMs?: number;
  readonly onStep?: (step: RehearsedStep) => void;
}

/** What one step cost. */
export interface RehearsedStep {
  readonly from: Stage;
  readonly to: Stage;
  readonly epoch: bigint;
  /** What the guard took, before it held up anybody; milliseconds. */
  readonly guardMs: number;
  readonly evidence: unknown;
  /** From the intention until the new stage was settled: so long no unit of work could begin; milliseconds. */
  readonly switchMs: number;
  /** From the intention until the last instance that was alive had acknowledged it, which is how long its callers waited at most. */
  readonly acknowledgedMs: number;
  /** Instances that were alive when the step began. */
  readonly instances: number;
  /** Those of them that did not acknowledge it in time. */
  readonly missing: readonly string[];
  /** Keys that were still pending behind the fence, where the primary moved; null where it stayed. */
  readonly drained: number | null;
}

export interface Rehearsed {
  /** Where the module was, and is again. */
  readonly stage: Stage;
  readonly steps: readonly RehearsedStep[];
}

const around = {
  "dual-write": ["shadow", "dual-write"],
  shadow: ["dual-write", "shadow"],
  live: ["ramp-down", "live"],
  "ramp-down": ["live", "ramp-down"],
} satisfies Partial<Record<Stage, readonly Stage[]>>;
const across = {
  "dual-write": ["shadow", "live", "shadow", "dual-write"],
  shadow: ["live", "shadow"],
  live: ["shadow", "live"],
  "ramp-down": ["live", "shadow", "live", "ramp-down"],
} satisfies Partial<Record<Stage, readonly Stage[]>>;

/**
 * Goes forward and back on a live module, within the stages that keep replication, and leaves it where it was, also when it is interrupted or
 * a guard refuses.
 * @throws `REHEARSAL_NONE` (refused) at a stage that replicates nothing; `REHEARSAL_AWAY` (refused) when the module could not be taken back,
 * with the way back; else as `changeStage`
 */
export async function rehearse(rehearsal: Rehearsal): Promise<Rehearsed> {
  const { withPrimary = false, onStep } = rehearsal;
  const home = await recover({ ...rehearsal, drained: drainedOf(rehearsal) });
  const steps: RehearsedStep[] = [];
  try {
    for (const target of pathOf(home.stage, withPrimary)) {
      const step = await take(rehearsal, target);
      steps.push(step);
      onStep?.(step);
    }
  } catch (error) {
    await goHome(rehearsal, home, error);
    throw error;
  }
  return { stage: home.stage, steps };
}

function pathOf(stage: Stage, withPrimary: boolean): readonly Stage[] {
  if (stage === "mongo" || stage === "postgres")
    throw refused(
      "REHEARSAL_NONE",
      `at "${stage}" nothing is replicated, and every step from it begins replication: take it with \`stella-data stage ${stage === "mongo" ? "advance" : "back"}\`, which can be taken back, and rehearse from there`,
    );
  return withPrimary ? [...around[stage], ...across[stage]] : around[stage];
}

const drainedOf = ({ replicas }: Rehearsal, saw: (pending: number) => void = () => {}): StageChange["drained"] => {
  return async (from, after) => {
    const { pending, parked } = await replicas[from.database].backlog(after);
    saw(pending);
    return pending === 0 && parked === 0;
  };
};

async function take(rehearsal: Rehearsal, target: Stage): Promise<RehearsedStep> {
  const { sides, guard, acknowledgeMs = 5_000, signal } = rehearsal;
  const alive = (await instancesOf(sides)).instances.filter(({ ageMs }) => ageMs < acknowledgeMs);
  const begun = performance.now();
  let intended = begun;
  let from: Stage = target;
  let evidence: unknown = null;
  let drained: number | null = null;
  const view = await changeStage({
    ...rehearsal,
    target,
    drained: drainedOf(rehearsal, (pending) => (drained ??= pending)),
    guard: async (at, next) => {
      evidence = (await guard?.(at, next)) ?? null;
      from = at.stage;
      intended = performance.now();
      return evidence;
    },
  });
  const settled = performance.now();
  const missing = await acknowledged(sides, view, { alive, deadline: settled + acknowledgeMs, signal });
  return {
    from,
    to: target,
    epoch: view.epoch,
    guardMs: Math.round(intended - begun),
    evidence,
    switchMs: Math.round(settled - intended),
    acknowledgedMs: Math.round(performance.now() - intended),
    instances: alive.length,
    missing: missing.map(({ instance }) => instance),
    drained,
  };
}

interface Awaited {
  readonly alive: readonly KnownInstance[];
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
}

/** Waits until they have told that they know this epoch; whoever has not by then. One that ends meanwhile is not waited for. */
async function acknowledged(sides: Sides, { epoch }: StageView, { alive, deadline, signal }: Awaited) {
  for (;;) {
    signal?.throwIfAborted();
    const now = new Map((await instancesOf(sides)).instances.map((one) => [one.instance, one]));
    const missing = alive.filter(({ instance }) => (now.get(instance)?.epoch ?? epoch) < epoch);
    if (missing.length === 0 || performance.now() > deadline) return missing;
    await wait(10);
  }
}

/** Not to be interrupted: takes back what is not decided, and then step by step, each under its guard. */
async function goHome(
  { signal: _, ...rehearsal }: Rehearsal,
  { stage: home }: StageView,
  cause: unknown,
): Promise<void> {
  const hands = { ...rehearsal, drained: drainedOf(rehearsal), reason: `${rehearsal.reason}: taken back` };
  let at: Stage | null = null;
  try {
    at = (await recover({ ...hands, revert: true })).stage;
    for (let next = stepTowards(at, home); next !== null; next = stepTowards(at, home))
      at = (await changeStage({ ...hands, target: next })).stage;
  } catch (error) {
    const way =
      at === null ? "stage recover" : `stage ${stepTowards(at, home) === stages[at].next ? "advance" : "back"}`;
    throw refused(
      "REHEARSAL_AWAY",
      `the module was at "${home}" and could not be taken back${at === null ? "" : ` from "${at}"`}: ${error instanceof Error ? error.message : String(error)}; run \`stella-data ${way}\` until it is`,
      { cause, details: { home, at } },
    );
  }
}
