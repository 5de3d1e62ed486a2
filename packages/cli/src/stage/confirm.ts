import type { Stage, StageRecord } from "@stellaops/cutover";
import { createInterface } from "node:readline/promises";
import type { Context } from "../context.ts";
import type { StageOptions } from "./options.ts";

/** `--yes`, or an answer at the terminal. A dry run asks nobody. */
export async function confirm(
  { terminal, json, signal }: Context,
  { yes = false, dryRun = false }: StageOptions,
  at: StageRecord,
  target: Stage,
): Promise<boolean> {
  if (yes) return true;
  if (dryRun || json || !terminal.interactive) return false;
  const asked = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const question = `Module ${at.module} goes to "${target}": replication ends, and the way back needs a backfill. Type the module's name to go on: `;
    return (await asked.question(question, { signal })).trim() === at.module;
  } finally {
    asked.close();
  }
}
