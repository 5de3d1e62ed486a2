import { codeOf, familyOf, refused } from "@stellaops/kernel";
import type { Db } from "mongodb";
import type { Comparison } from "../compare/comparison.ts";
import type { ShadowTables } from "../module/shadow-counts.ts";
import type { Replicas } from "../replication/pair.ts";
import type { Progress } from "../replication/progress.ts";
import type { StageRecord } from "../record.ts";
import type { Stage } from "../stages.ts";
import { backfillCheck } from "./backfill-check.ts";
import { backlogCheck } from "./backlog-check.ts";
import { captureCheck } from "./capture-check.ts";
import { checksOf } from "./checks-of.ts";
import { comparisonCheck } from "./comparison-check.ts";
import type { Check, CheckName, Evidence } from "./evidence.ts";
import { shadowCheck } from "./shadow-check.ts";

export interface GuardOptions {
  /** The module's name. */
  readonly module: string;
  /** With a role that sees all tenants. */
  readonly replicas: Replicas;
  readonly progress: Progress;
  /** The module's database there: where its change stream is captured. */
  readonly mongo: Db;
  /** How long the capture may take to come to what was written until now; as `patienceMs`. 0: it is not waited for, and nothing is written. */
  readonly captureMs?: number;
  /** Where instances tell what their shadow reads have shown. */
  readonly shadows: ShadowTables;
  /** Shadow reads that must have agreed since the stay began, for a move of the primary; 20. 0 where nobody reads. */
  readonly minShadowReads?: number;
  /** Shadow reads count from this epoch on instead of from the stay that is; `shadows` must then give the sum. */
  readonly shadowSince?: bigint;
  /** A full comparison under the stage as it is. */
  readonly compare: (at: StageRecord) => Promise<Comparison>;
  /** Throws (family refused) what one of the databases lacks. */
  readonly migrations: () => Promise<void>;
  /** Somebody says yes to the end of replication, after which the other database needs a backfill again. */
  readonly confirm: (at: StageRecord, target: Stage) => Promise<boolean>;
  /** How long what is pending may take to drain; milliseconds, 10,000. A replicator must be running somewhere. */
  readonly patienceMs?: number;
  readonly onCheck?: (check: Check) => void;
  readonly signal?: AbortSignal;
}

/** Looks at one step and says with what it was allowed; to be given to `changeStage`. */
export type Guard = (at: StageRecord, target: Stage) => Promise<Evidence>;

/**
 * The guards of the stages, each with its evidence. A cheap check that fails spares the dear ones.
 * The guard throws `STAGE_GUARD` (refused), whose `details.evidence` holds what was seen, and `STAGE_STEP` (refused).
 */
export function guardOf(options: GuardOptions): Guard {
  const { module, replicas, progress, mongo, shadows, compare, migrations, confirm, onCheck, signal } = options;
  const { patienceMs = 10_000, captureMs = patienceMs, minShadowReads = 20, shadowSince } = options;
  const checks: Readonly<Record<CheckName, (at: StageRecord, target: Stage) => Promise<Check>>> = {
    migrations: () => migrationsCheck(migrations),
    backfill: (at) => backfillCheck(progress, module, at.generation),
    capture: () => captureCheck(mongo, { module, patienceMs: captureMs, signal }),
    backlog: (at) => backlogCheck(replicas[at.database], { module, patienceMs, signal }),
    shadow: (at) =>
      shadowCheck(shadows[at.database], { module, epoch: shadowSince ?? at.epoch, least: minShadowReads }),
    comparison: (at) => comparisonCheck(module, () => compare(at)),
    confirmation: async (at, target) => confirmationCheck(at, target, await confirm(at, target)),
  };
  return async (at, target) => {
    const made: Check[] = [];
    for (const name of checksOf(at.stage, target)) {
      signal?.throwIfAborted();
      const check = await checks[name](at, target);
      made.push(check);
      onCheck?.(check);
      if (!check.passed) throw refusal({ from: at.stage, to: target, passed: false, checks: made }, check);
    }
    return { from: at.stage, to: target, passed: true, checks: made };
  };
}

const refusal = (evidence: Evidence, { name, saw, fix }: Check): Error =>
  refused("STAGE_GUARD", `not from "${evidence.from}" to "${evidence.to}": ${name}: ${saw}; ${fix}`, {
    details: { evidence },
  });

async function migrationsCheck(migrations: () => Promise<void>): Promise<Check> {
  const check = { name: "migrations", numbers: {} } as const;
  try {
    await migrations();
    return { ...check, passed: true, saw: "both databases are as the module declares them", fix: null };
  } catch (error) {
    if (familyOf(error) !== "refused" || !(error instanceof Error)) throw error;
    return {
      ...check,
      passed: false,
      saw: `${codeOf(error)}: ${error.message}`,
      fix: "bring both databases up to date and try again",
    };
  }
}

const confirmationCheck = (at: StageRecord, target: Stage, given: boolean): Check => ({
  name: "confirmation",
  passed: given,
  saw: `from "${target}" on only ${at.database} receives writes, and the way back needs a backfill; ${given ? "confirmed" : "nobody confirmed it"}`,
  fix: given ? null : "add `--yes` to confirm it",
  numbers: {},
});
