import { replicates, stageNames, type Stage } from "../stages.ts";

/** The one step that leads from where the module is towards the stage that is asked for; null: it is there. */
export function stepTowards(from: Stage, asked: Stage): Stage | null {
  const ahead = stageNames.indexOf(asked) - stageNames.indexOf(from);
  return ahead === 0 ? null : (stageNames[stageNames.indexOf(from) + Math.sign(ahead)] ?? null);
}

/** After such a step the other database needs a backfill again: a person takes it, never a flag. */
export const endsReplication = (from: Stage, to: Stage): boolean => replicates(from) && !replicates(to);
