import { backfill, otherDatabase, situationOf, viewOf, type Database } from "@stellaops/cutover";
import type { Command, Outcome } from "../context.ts";
import { countOf } from "../compare/count.ts";
import { progressOf } from "../output/progress.ts";
import { plural } from "../output/table.ts";
import { reachBoth, settledView, wire } from "../stage/wiring.ts";
import type { BackfillRunOptions } from "./options.ts";

/** Copies what the primary holds and sweeps the secondary; goes on where it stopped. May run in several places at once. */
export const runBackfill =
  ({ module: name, dryRun = false, workers = 2, rate }: BackfillRunOptions): Command =>
  async (context) => {
    const wired = wire(context, name);
    await reachBoth(wired);
    const { primary } = await settledView(wired);
    const there = await countOf(wired, primary);
    if (dryRun) return wouldCopy(name, primary, there);
    const shown = progressOf(context.terminal, "backfill", there);
    const copied = new Map<string, number>();
    const done = await backfill({
      ...wired,
      workers,
      rate: rate ?? null,
      view: async () => viewOf((await situationOf(wired.sides)).at),
      signal: context.signal,
      onProgress: ({ aggregate, copied: now }) => {
        copied.set(aggregate, now);
        shown.update(
          [...copied.values()].reduce((sum, count) => sum + count, 0),
          `${aggregate}: `,
        );
      },
    });
    return {
      holds: done.parked === 0,
      result: { module: name, from: primary, to: otherDatabase(primary), ...done },
      lines: [
        `${name}: ${plural(done.copied, "key")} copied from ${primary} to ${otherDatabase(primary)}, ${done.swept} swept, generation ${done.generation}`,
        ...(done.parked === 0
          ? []
          : [
              `${plural(done.parked, "key")} refused and parked: \`stella-data compare run --module ${name}\` names them; write them again in a form that both databases take`,
            ]),
      ],
    };
  };

const wouldCopy = (name: string, primary: Database, keys: number): Outcome => ({
  holds: true,
  result: { module: name, from: primary, to: otherDatabase(primary), dryRun: true, keys },
  lines: [
    `${name}: would copy at most ${plural(keys, "key")} from ${primary} to ${otherDatabase(primary)}, and then sweep ${otherDatabase(primary)}; what is done already is not done again`,
  ],
});
