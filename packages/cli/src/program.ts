import { Command } from "commander";
import { adoptCommands } from "./commands/adopt.ts";
import { withCommonOptions, type Run } from "./commands/common.ts";
import { dataCommands } from "./commands/data.ts";
import { decommissionCommands } from "./commands/decommission.ts";
import { migrateCommands } from "./commands/migrate.ts";
import { stageCommands } from "./commands/stage.ts";
import { rootHelp } from "./help.ts";
import { version } from "./version.ts";

/** Every command and option there is; `run` gets the work of the one that was named. */
export function programOf(run: Run): Command {
  const program = withCommonOptions(new Command("stella-data"))
    .description(
      "Moves the data of a security control plane from MongoDB to PostgreSQL, one module at a time, and back.",
    )
    .version(version)
    .configureHelp({ showGlobalOptions: false })
    .showSuggestionAfterError()
    .exitOverride()
    // Mistakes are told by the caller, once, in the same form as every other error.
    .configureOutput({ outputError: () => {} })
    .addHelpText("after", rootHelp);
  migrateCommands(program, run);
  stageCommands(program, run);
  dataCommands(program, run);
  adoptCommands(program, run);
  decommissionCommands(program, run);
  return program;
}
