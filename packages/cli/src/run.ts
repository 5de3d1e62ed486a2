import { Command, CommanderError } from "commander";
import { dataError } from "@stellaops/kernel";
import { runner, withCommonOptions } from "./commands/common.ts";
import { dataCommands } from "./commands/data.ts";
import { migrateCommands } from "./commands/migrate.ts";
import { stageCommands } from "./commands/stage.ts";
import { tellError } from "./execute.ts";
import { exitCodes, type ExitCode } from "./exit-code.ts";
import { rootHelp } from "./help.ts";
import { terminalOf } from "./output/terminal.ts";
import { version } from "./version.ts";

/** Runs the command line, `argv` without the program's own name, and gives the exit code. */
export async function run(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = exitCodes.done;
  const json = argv.includes("--json");
  const program = withCommonOptions(new Command("stella-data"))
    .description(
      "Moves the data of a security control plane from MongoDB to PostgreSQL, one module at a time, and back.",
    )
    .version(version)
    .configureHelp({ showGlobalOptions: false })
    .showSuggestionAfterError()
    .exitOverride()
    // Mistakes are told below, once, in the same form as every other error.
    .configureOutput({ outputError: () => {} })
    .addHelpText("after", rootHelp);
  const act = runner((ended) => (code = ended));
  migrateCommands(program, act);
  stageCommands(program, act);
  dataCommands(program, act);
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
