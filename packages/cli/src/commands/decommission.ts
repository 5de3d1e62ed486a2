import { Option, type Command } from "commander";
import { duration } from "../decommission/duration.ts";
import type { DecommissionOptions, RestoreOptions } from "../decommission/options.ts";
import { examples } from "../help.ts";
import { again, collected, dryRunOption, moduleOption, type Run } from "./common.ts";

const about = `
At stage "postgres" only. The first run fixes the stage there: from then on services may run with STELLA_<MODULE>_STAGE=postgres, without
MongoDB and its driver. It is refused, with names, until none follows the stage record and nothing reaches the module's database any more.
`;

/** Leaving MongoDB for good, and the way back. */
export function decommissionCommands(program: Command, run: Run): void {
  program
    .command("decommission")
    .description("prove that nothing reaches MongoDB any more, archive what is there, and say that it may go")
    .requiredOption(...moduleOption)
    .option("--out <file>", "write the archive; one that is there already is verified and used")
    .addOption(
      new Option("--observe <time>", "how long to watch what reaches the database")
        .argParser(duration)
        .default(30_000, "30s"),
    )
    .option("--gone <instance>", "this instance is dead, and will not come back; may be repeated", collected)
    .option("--drop", "empty the collections that the archive holds; keeps indexes, stage and epochs (with --yes)")
    .option("--undo", "let the stage change again")
    .option("--yes", "confirm --drop")
    .option("--by <name>", "who does it (default: the login name)")
    .option(...dryRunOption)
    .addHelpText(
      "after",
      about +
        examples(
          "decommission --module vuln --dry-run",
          "decommission --module vuln --out vuln.archive --observe 2m",
          "decommission --module vuln --out vuln.archive --drop --yes",
          "decommission --module vuln --undo",
        ),
    )
    .action(
      run<DecommissionOptions>(again, async (options) =>
        (await import("../decommission/decommission.ts")).decommission(options),
      ),
    );

  program
    .command("restore")
    .description("bring an archive of `decommission` back into MongoDB, verified before and after")
    .requiredOption(...moduleOption)
    .requiredOption("--from <file>", "the archive")
    .option(...dryRunOption)
    .addHelpText(
      "after",
      examples("restore --module vuln --from vuln.archive --dry-run", "restore --module vuln --from vuln.archive"),
    )
    .action(
      run<RestoreOptions>("run the same command again: it goes on with the same archive", async (options) =>
        (await import("../decommission/restore.ts")).restore(options),
      ),
    );
}
