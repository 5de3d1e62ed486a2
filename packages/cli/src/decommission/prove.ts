import { fixedStageOf, postgresAlone, proofs, type Proof, type StageRecord } from "@stellaops/cutover";
import { refused } from "@stellaops/kernel";
import type { Context } from "../context.ts";
import { byWhom } from "../stage/by.ts";
import type { Wired } from "../stage/wiring.ts";
import type { DecommissionOptions } from "./options.ts";

export interface Proved {
  readonly at: StageRecord;
  readonly proofs: readonly Proof[];
  readonly passed: boolean;
}

/** Fixes the stage, unless it is a dry run, and then looks at everything that could still reach MongoDB; each look is told. */
export async function prove(context: Context, wired: Wired, options: DecommissionOptions): Promise<Proved> {
  const { module, sides, postgres, mongo } = wired;
  const at = await postgresAlone(sides);
  const fixed = fixedStageOf(postgres.pool, module.name);
  if (options.dryRun !== true && !(await fixed.fix(at.epoch, byWhom({ ...options }, "decommission").by)))
    throw refused("STAGE_UNDER_WAY", `the stage of module ${module.name} changed meanwhile; look at it, and try again`);
  const { observe: observeMs, gone = [] } = options;
  const found: Proof[] = [];
  for await (const proof of proofs({
    sides,
    mongo: mongo.db,
    at,
    fixed: await fixed.read(),
    observeMs,
    gone,
    signal: context.signal,
  })) {
    // A dry run fixes nothing, and so cannot blame that.
    if (options.dryRun === true && proof.name === "fixed") continue;
    context.terminal.note(
      `${proof.passed ? "passed " : "refused"} ${proof.name}: ${proof.saw}${proof.fix === null ? "" : `; ${proof.fix}`}`,
    );
    found.push(proof);
  }
  return { at, proofs: found, passed: found.every(({ passed }) => passed) };
}
