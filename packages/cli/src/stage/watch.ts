import { listenToBoth } from "@stellaops/cutover";
import { codeOf, familyOf } from "@stellaops/kernel";
import { setTimeout as wait } from "node:timers/promises";
import type { Command, Context } from "../context.ts";
import { redact } from "../output/redact.ts";
import { linesOf, observe, type Observation } from "./observe.ts";
import type { StageOptions } from "./options.ts";
import { wire, type Wired } from "./wiring.ts";

const pauseMs = 1_000;

/** `show` again and again: when the record changes, and every second. Ends with Ctrl-C, or after `--times`. */
export const watch =
  ({ module, times = Infinity }: StageOptions): Command =>
  async (context) => {
    const { signal, json, logger } = context;
    const wired = wire(context, module);
    const stop = new AbortController();
    let changed = new AbortController();
    const ended = AbortSignal.any([signal, stop.signal]);
    const listening = listenToBoth({ sides: wired.sides, heard: () => changed.abort(), signal: ended, logger });
    let views = 0;
    let last = "";
    try {
      while (views < times && !signal.aborted) {
        changed = new AbortController();
        const seen = await look(wired);
        last = tell(context, seen, last);
        views += 1;
        // A change that is under way changes several times a second; each is shown.
        if (views < times)
          await wait(pauseMs, undefined, { signal: AbortSignal.any([signal, changed.signal]) }).catch(() => {});
      }
    } finally {
      stop.abort();
      await listening;
    }
    return { holds: true, result: { module, views }, lines: json ? [] : [`watched ${module}: ${views} views`] };
  };

type Seen = Observation | { readonly unavailable: string };

/** A server that is away is part of what is watched. */
async function look(wired: Wired): Promise<Seen> {
  try {
    return await observe(wired);
  } catch (error) {
    if (familyOf(error) !== "unavailable" || !(error instanceof Error)) throw error;
    return { unavailable: `${codeOf(error)}: ${error.message}` };
  }
}

/** On a terminal one view replaces the other; elsewhere what is new is written, and with `--json` every view, one a line. */
function tell({ terminal, json }: Context, seen: Seen, last: string): string {
  const now = new Date().toISOString();
  if (json) {
    terminal.printJson({ seenAt: now, ...seen });
    return last;
  }
  const lines = "unavailable" in seen ? [seen.unavailable] : linesOf(seen);
  if (process.stdout.isTTY) {
    process.stdout.write(redact(`\u001b[H\u001b[J${now}\n${lines.join("\n")}\n`));
    return last;
  }
  const [head = ""] = lines;
  terminal.print(`${now} ${"unavailable" in seen ? head : summary(seen)}`);
  return head;
}

const summary = ({ at, situation, instances, replication, unreachable }: Observation): string =>
  [
    `"${at.stage}" ${situation}${at.target === null ? "" : ` to "${at.target}"`}`,
    `epoch ${at.epoch}`,
    ...(replication === null
      ? []
      : [
          `pending ${replication.pending}`,
          `parked ${replication.parked}`,
          ...(replication.oldestMs === null ? [] : [`oldest ${(replication.oldestMs / 1_000).toFixed(1)} s`]),
        ]),
    `instances ${instances.length}`,
    ...(instances.some(({ silent }) => silent) ? [`silent ${instances.filter(({ silent }) => silent).length}`] : []),
    ...(instances.some(({ acknowledged }) => !acknowledged)
      ? [`behind ${instances.filter(({ acknowledged }) => !acknowledged).length}`]
      : []),
    ...unreachable.map((database) => `${database} cannot be reached`),
  ].join(", ");
