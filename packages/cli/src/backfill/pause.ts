import { refused } from "@stellaops/kernel";
import type { Command } from "../context.ts";
import { byWhom } from "../stage/by.ts";
import { reachBoth, settledView, wire } from "../stage/wiring.ts";
import type { BackfillOptions } from "./options.ts";

/** Every worker of every process ends after the page in hand, and none begins until it is resumed. */
export const pauseBackfill =
  ({ module: name }: BackfillOptions): Command =>
  async (context) => {
    const wired = wire(context, name);
    await reachBoth(wired);
    const { generation, secondary, stage } = await settledView(wired);
    const { sweptAt } = await wired.progress.state(generation);
    if (secondary === null || sweptAt !== null)
      throw refused("BACKFILL_OVER", `${name} is at "${stage}" and has no backfill to pause; see \`backfill status\``);
    const { by } = byWhom({ module: name }, "pause");
    await wired.progress.pause(generation, by);
    return {
      holds: true,
      result: { module: name, generation, paused: true },
      lines: [
        `${name}: paused; every \`backfill run\` ends within a second with exit code 1, and goes on from its cursors after \`stella-data backfill resume --module ${name}\``,
      ],
    };
  };

export const resumeBackfill =
  ({ module: name }: BackfillOptions): Command =>
  async (context) => {
    const wired = wire(context, name);
    await reachBoth(wired);
    const { generation } = await settledView(wired);
    await wired.progress.pause(generation, null);
    return {
      holds: true,
      result: { module: name, generation, paused: false },
      lines: [`${name}: resumed; \`stella-data backfill run --module ${name}\` goes on from its cursors`],
    };
  };
