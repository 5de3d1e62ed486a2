import { parseArgs } from "node:util";
import { experiments, type Name } from "./experiments.ts";

export const usage = `pnpm bench [NAME...] [--full] [--rounds N] [--json FILE]

Ratios against the bare drivers, measured in one run. NAME: ${Object.keys(experiments).join(", ")}; all when left out.

  --full      a million rows where the default is fewer; minutes of a load where the default is seconds
  --rounds N  rounds of an interleaved measurement; 9
  --json FILE writes the JSON there; .reports/bench.json when left out. "-" prints it as the last line instead.

It measures, it does not judge: the exit code is 0 unless an experiment fails to run.`;

export interface BenchOptions {
  readonly names: readonly Name[];
  readonly full: boolean;
  readonly rounds: number;
  /** "-" for standard output. */
  readonly file: string;
}

/** @throws when an option or a name is unknown, with the usage */
export function benchOptions(args: readonly string[]): BenchOptions | { readonly help: true } {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      full: { type: "boolean", default: false },
      rounds: { type: "string", default: "9" },
      json: { type: "string", default: ".reports/bench.json" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return { help: true };
  const unknown = positionals.find((name) => !isName(name));
  if (unknown !== undefined) throw new TypeError(`no experiment "${unknown}"\n\n${usage}`);
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new TypeError(`--rounds takes a whole number from 1\n\n${usage}`);
  const all = Object.keys(experiments).filter(isName);
  return {
    names: positionals.length === 0 ? all : positionals.filter(isName),
    full: values.full,
    rounds,
    file: values.json,
  };
}

const isName = (name: string): name is Name => Object.hasOwn(experiments, name);
