import { exitCodes } from "../exit-code.ts";
import type { ModuleDefinition } from "@stellaops/kernel";
import type { Command, Context } from "../context.ts";
import { modulesOf } from "../modules.ts";
import { isInstalled } from "./installed.ts";
import { lookAtMongo } from "./mongo.ts";
import { lookAtPostgres } from "./postgres.ts";
import { Probes, type Line } from "./probe.ts";
import { lookAtStage } from "./stage.ts";

/** Looks at everything that a module needs, and says of each whether it is well, or what mends it. */
export const doctor =
  ({ module }: { readonly module: string }): Command =>
  async (context) => {
    const modules = [];
    const { looked, absent } = await installedOf(context, module);
    for (const definition of looked) {
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
      result: { problems: problems.length, modules, absent },
      lines: [
        ...modules.flatMap(({ module: name, checks }) => [`${name}:`, ...checks.map(sentenceOf)]),
        ...absent.map(
          (name) => `${name}: not installed here; \`stella-data migrate provision --module ${name}\` begins`,
        ),
      ],
    };
  };

/** Of all modules those that are installed here; where none is, all of them, so that it is told what is missing. */
async function installedOf(context: Context, module: string) {
  const asked = modulesOf(module);
  const looked: ModuleDefinition[] = [];
  if (module === "all")
    for (const definition of asked) if (await isInstalled(context, definition)) looked.push(definition);
  if (looked.length === 0) return { looked: asked, absent: [] };
  return { looked, absent: asked.filter((one) => !looked.includes(one)).map(({ name }) => name) };
}

const sentenceOf = ({ name, state, code, saw }: Line): string =>
  `  ${state.padEnd(7)}  ${name}: ${code === null ? "" : `${code}: `}${saw}`;
