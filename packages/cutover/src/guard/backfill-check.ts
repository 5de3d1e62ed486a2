import type { Progress } from "../replication/progress.ts";
import type { Check } from "./evidence.ts";

/** Backfill and sweep of this generation are complete. */
export async function backfillCheck(progress: Progress, module: string, generation: bigint): Promise<Check> {
  const { backfilledAt, sweptAt } = await progress.state(generation);
  const passed = backfilledAt !== null && sweptAt !== null;
  const done = (at: Date | null): string => (at === null ? "not done" : `done ${at.toISOString()}`);
  return {
    name: "backfill",
    passed,
    saw: `generation ${generation}: backfill ${done(backfilledAt)}, sweep ${done(sweptAt)}`,
    fix: passed ? null : `run \`stella-data backfill run --module ${module}\``,
    numbers: {
      generation: String(generation),
      backfilledAt: backfilledAt?.toISOString() ?? null,
      sweptAt: sweptAt?.toISOString() ?? null,
    },
  };
}
