import type { Command } from "commander";
import { examples } from "../help.ts";
import type { ImportOptions } from "../vuln/import.ts";
import { backfillCommands } from "./backfill.ts";
import { again, allOption, type Run } from "./common.ts";
import { compareCommands } from "./compare.ts";

/** Commands about what the databases hold. */
export function dataCommands(program: Command, run: Run): void {
  backfillCommands(program, run);
  compareCommands(program, run);

  program
    .command("doctor")
    .description(
      "servers, versions, roles, policies, indexes, migrations, clocks and stage: what is well, and what mends the rest",
    )
    .option(...allOption, "all")
    .addHelpText("after", examples("doctor", "doctor --module vuln --json"))
    .action(run<{ module: string }>(again, async (options) => (await import("../doctor/doctor.ts")).doctor(options)));

  program
    .command("vuln")
    .description("vulnerability advisories")
    .addHelpText(
      "after",
      examples("vuln import --feed osv.ndjson", "vuln import --feed all.zip --tenant acme --source osv-go --json"),
    )
    .command("import")
    .description("read OSV records into the module; a second run writes nothing. Exit code 1 when a record was refused")
    .requiredOption("--feed <path>", "newline-delimited JSON, a .json file, a folder of them, or a .zip")
    .option("--tenant <id>", "whose advisories they are (default: shared, read by all tenants)")
    .option("--source <key>", "the source they come from; made when there is none", "osv")
    .option("--dry-run", "read and check every record, and reach no database")
    .action(
      run<ImportOptions>(
        "what was imported stays; run the same command again, and it goes on behind that",
        async (options) => (await import("../vuln/import.ts")).importFeed(options),
      ),
    );
}
