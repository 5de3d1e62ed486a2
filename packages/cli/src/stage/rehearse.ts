import { rehearse as rehearseStage, type RehearsedStep, type StageRecord } from "@stellaops/cutover";
import { codeOf } from "@stellaops/kernel";
import type { Command } from "../context.ts";
import { table } from "../output/table.ts";
import { byWhom } from "./by.ts";
import { handsOf } from "./change.ts";
import { guardFor } from "./guard.ts";
import type { StageOptions } from "./options.ts";
import { patienceOf } from "./patience.ts";
import { wire } from "./wiring.ts";
import { withReplication } from "./with-replication.ts";

/** Forward and back on a live module, and what it cost. */
export const rehearse =
  (options: StageOptions): Command =>
  async (context) => {
    const { module, withPrimary = false } = options;
    const { terminal } = context;
    const wired = wire(context, module);
    const taken: RehearsedStep[] = [];
    let home: StageRecord | null = null;
    return withReplication(context, wired, async () => {
      const { stage, steps } = await rehearseStage({
        ...handsOf(context, wired, byWhom(options, "rehearse")),
        ...(await patienceOf(context, wired, { module })),
        replicas: wired.replicas,
        withPrimary,
        // The guards of the way home are asked after Ctrl-C too, and must not be interrupted by it.
        guard: (at, target) => {
          home ??= at;
          const patient = context.signal.aborted ? { ...context, signal: new AbortController().signal } : context;
          return guardFor(patient, wired, options, { first: home.epoch, last: at.epoch })(at, target);
        },
        onStep(step) {
          taken.push(step);
          terminal.note(`from "${step.from}" to "${step.to}" in ${step.switchMs} ms`);
        },
      }).catch((error: unknown) => {
        // After Ctrl-C only the interruption is told, and this is more than that.
        if (codeOf(error) === "REHEARSAL_AWAY" && error instanceof Error) terminal.note(error.message);
        else if (home !== null)
          for (const line of [...table(heads, taken.map(rowOf)), `${module} is at "${home.stage}" again`])
            terminal.note(line);
        throw error;
      });
      const missing = steps.flatMap((step) => step.missing);
      return {
        holds: missing.length === 0,
        result: { module, stage, withPrimary, steps },
        lines: [
          ...table(heads, steps.map(rowOf)),
          `${module} is at "${stage}" again${missing.length === 0 ? "" : `; these did not acknowledge a step in time: ${[...new Set(missing)].join(", ")}`}`,
        ],
      };
    });
  };

const heads = ["from", "to", "guard ms", "switch ms", "acknowledged ms", "instances", "missing", "drained"];
const rowOf = (step: RehearsedStep): readonly (string | number)[] => [
  step.from,
  step.to,
  step.guardMs,
  step.switchMs,
  step.acknowledgedMs,
  step.instances,
  step.missing.length,
  step.drained ?? "",
];
