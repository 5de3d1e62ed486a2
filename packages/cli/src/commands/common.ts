import { InvalidArgumentError, type Command } from "commander";
import { settingForms } from "../config/names.ts";
import type { Command as Work } from "../context.ts";
import { execute, type CommonOptions } from "../execute.ts";
import type { ExitCode } from "../exit-code.ts";

/** Keeps the exit code of the command that ran. */
export type Run = <O>(resume: string, load: (options: O) => Promise<Work>) => Action<O>;
type Action<O> = (options: O, command: Command) => Promise<void>;

export const runner =
  (ended: (code: ExitCode) => void): Run =>
  (resume, load) =>
  async (_, command) => {
    const options = command.optsWithGlobals<CommonOptions>();
    // Commander gives what the command declared; nothing is loaded before it is asked for.
    const work: Work = async (context) => (await load(options as never))(context);
    ended(await execute(work, options, { resume }));
  };

export const again = "what was done stays; run the same command again to go on";

export const moduleOption = ["--module <name>", "the module"] as const;
export const allOption = ["--module <name>", 'the module, or "all"'] as const;
export const dryRunOption = ["--dry-run", "say what would be done, and change nothing"] as const;

export const collected = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  value,
];

function positive(value: string): number {
  const number = Number(value);
  if (Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError("It is a number of seconds above 0.");
}

export function count(value: string): number {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new InvalidArgumentError("It is a whole number from 0.");
}

export function whole(value: string): number {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new InvalidArgumentError("It is a whole number above 0.");
}

/** Options that every command takes, before or behind its name. */
export function withCommonOptions(program: Command): Command {
  program
    .option("--json", "one JSON object on stdout; progress and logs stay on stderr")
    .option("--config <path>", "the configuration file (default: ./persistence.yaml where there is one)")
    .option("--quiet", "no progress on stderr")
    .option("--verbose", "log more on stderr")
    .option("--debug", "log everything, with stacks")
    .option("--connect-timeout <seconds>", "how long a server may take to answer (default: 5)", positive);
  for (const { flag, what } of Object.values(settingForms)) program.option(`${flag} <value>`, what);
  return program;
}
