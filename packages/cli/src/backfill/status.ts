import type { AggregateProgress, ReplicationState } from "@stellaops/cutover";
import type { Command } from "../context.ts";
import { sentence } from "../output/progress.ts";
import { plural, table } from "../output/table.ts";
import { reachBoth, settledView, wire } from "../stage/wiring.ts";
import type { BackfillOptions } from "./options.ts";

/** How far the backfill of this generation is, over all processes that work at it. */
export const backfillStatus =
  ({ module: name }: BackfillOptions): Command =>
  async (context) => {
    const wired = wire(context, name);
    await reachBoth(wired);
    const { stage, generation, secondary, primary } = await settledView(wired);
    if (secondary === null)
      return {
        holds: true,
        result: { module: name, stage, generation, replicating: false },
        lines: [`${name} is at "${stage}": nothing is replicated, so there is nothing to backfill`],
      };
    const aggregates = (await wired.progress.aggregates(generation)).map((one) => ({ ...one, ...remaining(one) }));
    const state = await wired.progress.state(generation);
    const backlog = await wired.replicas[primary].backlog();
    const total = (of: (one: AggregateProgress) => number) => aggregates.reduce((sum, one) => sum + of(one), 0);
    const [copied, estimate, rate] = [
      total((one) => one.copied),
      total((one) => one.estimate),
      total((one) => one.rate),
    ];
    return {
      holds: true,
      result: { module: name, stage, generation, replicating: true, aggregates, ...state, ...backlog },
      lines: [
        ...table(
          ["aggregate", "copied", "of about", "ranges", "workers", "keys/s", "state"],
          aggregates.map((one) => [
            one.aggregate,
            one.copied,
            one.estimate,
            `${one.itemsDone} of ${one.items}`,
            one.workers,
            Math.round(one.rate),
            one.done ? "done" : one.workers > 0 ? "copying" : "to do",
          ]),
        ),
        `${whereItStands(state)}: ${sentence(copied, estimate, rate)}`,
        `pending ${backlog.pending}, parked ${plural(backlog.parked, "key")}`,
      ],
    };
  };

/** Seconds at the rate of the moment; null where nobody works at it. */
const remaining = ({ done, copied, estimate, rate }: AggregateProgress): { readonly secondsLeft: number | null } => ({
  secondsLeft: done ? 0 : rate > 0 ? Math.ceil(Math.max(0, estimate - copied) / rate) : null,
});

function whereItStands({ plannedAt, backfilledAt, sweptAt, pausedAt, pausedBy }: ReplicationState): string {
  if (sweptAt !== null) return `copied and swept ${sweptAt.toISOString()}`;
  if (pausedAt !== null) return `paused ${pausedAt.toISOString()} by ${pausedBy ?? "somebody"}`;
  if (backfilledAt !== null) return `copied ${backfilledAt.toISOString()}, not swept yet`;
  return plannedAt === null ? "not begun" : `begun ${plannedAt.toISOString()}`;
}
