import { parseArgs } from "node:util";
import type { Experiment } from "./experiment.ts";

export const usageOf = (
  names: readonly string[],
): string => `pnpm prove [NAME...] [--seconds N] [--seed S] [--full] [--sabotage KIND] [--json]
pnpm prove --list [--json]
pnpm prove --list-sabotage [--json]

Tries to break each guarantee on real servers. NAME: ${names.join(", ")}; all when left out.

  --seconds N      how long each goes on at most; every experiment has its own small form
  --seed S         the seed printed by an earlier run
  --full           at full size; takes hours
  --sabotage KIND  breaks the engine on purpose: the experiment must report it, with exit code 1
  --sabotage all   every sabotage of the named experiments, one after the other; exit code 0 only if each was reported
  --list           names the experiments and what each must show
  --list-sabotage  names the sabotages
  --json           the last line of stdout is JSON; the rest goes to stderr

A run also writes its report to .reports/prove.json.

Exit codes: 0 everything held, 1 something did not, 2 usage, 3 a server is missing, 130 interrupted.`;

export interface ProveOptions {
  readonly names: readonly string[];
  /** Null: each experiment's own small form, or its full size. */
  readonly seconds: number | null;
  readonly seed: number;
  readonly full: boolean;
  /** One kind, or `all`; null: the engine as it is. */
  readonly sabotage: string | null;
  readonly list: "experiments" | "sabotages" | null;
  readonly json: boolean;
}

export class UsageError extends Error {}

/** Null where only the usage was asked for. @throws `UsageError` */
export function proveOptions(
  args: readonly string[],
  experiments: Readonly<Record<string, Experiment>>,
): ProveOptions | null {
  const { values, positionals } = parsed(args);
  if (values.help) return null;
  const all = Object.keys(experiments);
  const unknown = positionals.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new UsageError(`no experiment "${unknown}"; there are ${all.join(", ")}`);
  const named = positionals.length > 0 ? [...new Set(positionals)] : all;
  const { sabotage = null } = values;
  if (values.list && values["list-sabotage"]) throw new UsageError("either --list or --list-sabotage");
  return {
    names: sabotage === null || sabotage === "all" ? named : withSabotage(experiments, named, sabotage),
    sabotage,
    seconds: values.seconds === undefined ? null : whole("--seconds", values.seconds, 1),
    seed: values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : whole("--seed", values.seed, 0),
    full: values.full,
    list: values.list ? "experiments" : values["list-sabotage"] ? "sabotages" : null,
    json: values.json,
  };
}

function withSabotage(
  experiments: Readonly<Record<string, Experiment>>,
  named: readonly string[],
  kind: string,
): readonly string[] {
  const found = named.filter((name) => Object.hasOwn(experiments[name]?.sabotages ?? {}, kind));
  if (found.length > 0) return found;
  throw new UsageError(`no sabotage "${kind}" of ${named.join(", ")}; --list-sabotage names them`);
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: args.filter((arg) => arg !== "--"),
      allowPositionals: true,
      options: {
        seconds: { type: "string" },
        seed: { type: "string" },
        full: { type: "boolean", default: false },
        sabotage: { type: "string" },
        list: { type: "boolean", default: false },
        "list-sabotage": { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function whole(flag: string, text: string, least: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && Number.isSafeInteger(number)) return number;
  throw new UsageError(`${flag} takes a whole number of at least ${least}, not "${text}"`);
}
