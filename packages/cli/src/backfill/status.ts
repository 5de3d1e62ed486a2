import type { Command } from "../context.ts";
import { table } from "../output/table.ts";
import { reachBoth, settledView, wire } from "../stage/wiring.ts";
import type { BackfillOptions } from "./run.ts";

/** How far the backfill of this generation is. */
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
    const aggregates = [];
    for (const { table: aggregate } of wired.module.aggregates) {
      const { done, copied } = await wired.progress.aggregate(generation, aggregate);
      aggregates.push({ aggregate, copied, done });
    }
    const { backfilledAt, sweptAt } = await wired.progress.state(generation);
    const backlog = await wired.replicas[primary].backlog();
    return {
      holds: true,
      result: { module: name, stage, generation, replicating: true, aggregates, backfilledAt, sweptAt, ...backlog },
      lines: [
        ...table(
          ["aggregate", "copied", "state"],
          aggregates.map(({ aggregate, copied, done }) => [aggregate, copied, done ? "done" : "to do"]),
        ),
        `backfilled ${backfilledAt?.toISOString() ?? "not yet"}, swept ${sweptAt?.toISOString() ?? "not yet"}`,
        `pending ${backlog.pending}, parked ${backlog.parked}`,
      ],
    };
  };
