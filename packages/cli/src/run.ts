import { CommanderError } from "commander";
import { dataError } from "@stellaops/kernel";
import { runner } from "./commands/common.ts";
import { tellError } from "./execute.ts";
import { exitCodes, type ExitCode } from "./exit-code.ts";
import { terminalOf } from "./output/terminal.ts";
import { programOf } from "./program.ts";

/** Runs the command line, `argv` without the program's own name, and gives the exit code. */
export async function run(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = exitCodes.done;
  const json = argv.includes("--json");
  const program = programOf(runner((ended) => (code = ended)));
  try {
    await program.parseAsync([...argv], { from: "user" });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return exitCodes.done;
    // A group without a command: its help was shown.
    const message = error.code === "commander.help" ? "give a command" : error.message.replace(/^error: /, "");
    const usage = dataError("USAGE", `${message}; --help says what there is`, { cause: error });
    return tellError(terminalOf(true), usage, { json, debug: false });
  }
}
