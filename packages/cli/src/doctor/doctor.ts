import { exitCodes } from "../exit-code.ts";
import type { Command } from "../context.ts";
import { modulesOf } from "../modules.ts";
import { lookAtMongo } from "./mongo.ts";
import { lookAtPostgres } from "./postgres.ts";
import { Probes, type Line } from "./probe.ts";
import { lookAtStage } from "./stage.ts";

/** Looks at everything that a module needs, and says of each whether it is well, or what mends it. */
export const doctor =
  ({ module }: { readonly module: string }): Command =>
  async (context) => {
    const modules = [];
    for (const definition of modulesOf(module)) {
      const probes = new Probes();
      await lookAtPostgres(context, definition, probes);
      await lookAtMongo(context, definition, probes);
      await lookAtStage(context, definition, probes);
      modules.push({ module: definition.name, checks: probes.lines });
    }
    const all = modules.flatMap(({ checks }) => checks);
    const problems = all.filter(({ state }) => state === "problem");
    return {
      holds: problems.length === 0,
      ...(problems.some(({ unreachable }) => unreachable) ? { exitCode: exitCodes.unreachable } : {}),
      result: { problems: problems.length, modules },
      lines: modules.flatMap(({ module: name, checks }) => [`${name}:`, ...checks.map(sentenceOf)]),
    };
  };

const sentenceOf = ({ name, state, code, saw }: Line): string =>
  `  ${state.padEnd(7)}  ${name}: ${code === null ? "" : `${code}: `}${saw}`;
