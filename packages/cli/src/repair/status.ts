import { comparisonsOf, findingsOf } from "@stellaops/cutover";
import type { Command } from "../context.ts";
import { plural } from "../output/table.ts";
import { reachBoth, settledView, wire } from "../stage/wiring.ts";
import { parkedLines } from "./lines.ts";
import type { RepairOptions } from "./options.ts";

const most = 1_000;

/** What a repair would have to do with, as far as it is known without comparing. */
export const repairStatus =
  ({ module: name }: RepairOptions): Command =>
  async (context) => {
    const wired = wire(context, name);
    await reachBoth(wired);
    const { primary, secondary, stage } = await settledView(wired);
    const backlog = secondary === null ? { pending: 0, parked: 0 } : await wired.replicas[primary].backlog();
    const parked = secondary === null ? [] : await wired.replicas[primary].parked(most);
    const last = (await comparisonsOf(wired.postgres.pool, name).last())?.comparison ?? null;
    const findings = last === null ? null : findingsOf(last);
    const classes = new Map<string, number>();
    for (const { class: kind } of last?.aggregates.flatMap((one) => one.findings) ?? [])
      classes.set(kind, (classes.get(kind) ?? 0) + 1);
    const byClass = [...classes].map(([kind, count]) => `${count} ${kind}`).join(", ");
    return {
      holds: backlog.pending === 0 && backlog.parked === 0 && (findings ?? 0) === 0,
      result: {
        module: name,
        stage,
        ...backlog,
        keys: parked,
        comparedAt: last?.finishedAt ?? null,
        findings,
        classes: Object.fromEntries(classes),
      },
      lines: [
        `${name} is at "${stage}": ${backlog.pending} pending, ${backlog.parked} parked`,
        ...parkedLines(parked),
        last === null
          ? `never compared: run \`stella-data compare run --module ${name}\``
          : `last compared ${last.finishedAt}: ${plural(findings ?? 0, "finding")}${byClass === "" ? "" : ` (${byClass})`}`,
        ...((findings ?? 0) > 0 ? [`\`stella-data repair run --module ${name} --dry-run\` says what can be done`] : []),
      ],
    };
  };
