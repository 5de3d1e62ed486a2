import { purgeTombstones } from "@stellaops/cutover";
import type { Command } from "../context.ts";
import { plural } from "../output/table.ts";
import { settledView, wire } from "../stage/wiring.ts";

export interface PurgeOptions {
  readonly module: string;
  readonly olderThan?: number;
}

const day = 86_400_000;

/** Services do this by themselves; here it is done now. */
export const runPurge =
  ({ module, olderThan = 30 }: PurgeOptions): Command =>
  async (context) => {
    const wired = wire(context, module);
    const view = await settledView(wired);
    const purged = await purgeTombstones({ ...wired, view, olderThanMs: olderThan * day, signal: context.signal });
    return {
      holds: true,
      result: { module, at: view.primary, olderThanDays: olderThan, purged },
      lines: [
        `${module}: ${plural(purged, "tombstone")} older than ${plural(olderThan, "day")} purged at ${view.primary}`,
      ],
    };
  };
