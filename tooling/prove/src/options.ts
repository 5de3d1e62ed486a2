import { parseArgs } from "node:util";
import { experiments } from "./experiments.ts";

export const usage = `pnpm prove [NAME...] [--seconds N] [--seed S] [--full] [--sabotage KIND] [--json]
pnpm prove --list [--json]
pnpm prove --list-sabotage [--json]

Tries to break each guarantee on real servers. NAME: ${Object.keys(experiments).join(", ")}; all when left out.

  --seconds N      how long each goes on at most; every experiment has its own small form
  --seed S         the seed printed by an earlier run
  --full           at full size; takes hours
  --sabotage KIND  breaks the engine on purpose: the experiment must report it, with exit code 1
  --list           names the experiments and what each must show
  --list-sabotage  names the sabotages

A run also writes its report to .reports/prove.json.
  --json           the last line of stdout is JSON; the rest goes to stderr

Exit codes: 0 everything held, 1 something did not, 2 usage, 3 a server is missing, 130 interrupted.`;

export interface ProveOptions {
  readonly names: readonly string[];
  readonly seconds: number | null;
  readonly seed: number;
  readonly full: boolean;
  readonly sabotage: string | null;
  readonly list: "experiments" | "sabotages" | null;
  readonly json: boolean;
}

export class UsageError extends Error {}

/** @throws `UsageError` */
export function proveOptions(args: readonly string[]): ProveOptions | { readonly help: true } {
  const { values, positionals } = parsed(args);
  if (values.help) return { help: true };
  const unknown = positionals.find((name) => !Object.hasOwn(experiments, name));
  if (unknown !== undefined)
    throw new UsageError(`no experiment "${unknown}"; there are ${Object.keys(experiments).join(", ")}`);
  const sabotage = values.sabotage ?? null;
  const named = positionals.length > 0 ? positionals : Object.keys(experiments);
  const names =
    sabotage === null ? named : named.filter((name) => Object.hasOwn(experiments[name]?.sabotages ?? {}, sabotage));
  if (sabotage !== null && names.length === 0)
    throw new UsageError(`no sabotage "${sabotage}" of ${named.join(", ")}; --list-sabotage names them`);
  return {
    names,
    sabotage,
    seconds: values.seconds === undefined ? null : whole("--seconds", values.seconds),
    seed: values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : whole("--seed", values.seed),
    full: values.full,
    list: values.list ? "experiments" : values["list-sabotage"] ? "sabotages" : null,
    json: values.json,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
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

function whole(flag: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0) return number;
  throw new UsageError(`${flag} takes a whole number, not "${text}"`);
}
