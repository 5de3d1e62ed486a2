import type { Command } from "commander";
import type { BackfillOptions } from "../backfill/run.ts";
import type { CompareRunOptions } from "../compare/run.ts";
import { examples } from "../help.ts";
import type { ImportOptions } from "../vuln/import.ts";
import { again, allOption, collected, dryRunOption, moduleOption, type Run } from "./common.ts";

const resumed = "what was copied stays; run the same command again, and it goes on from its cursors";

/** Commands about what the databases hold. */
export function dataCommands(program: Command, run: Run): void {
  const backfill = program
    .command("backfill")
    .description("copy what the primary held before replication began, and sweep what older generations left")
    .addHelpText("after", examples("backfill run --module vuln", "backfill status --module vuln --json"));
  backfill
    .command("run")
    .description("copy and sweep; goes on where it stopped, and ends at once when it is done")
    .requiredOption(...moduleOption)
    .option(...dryRunOption)
    .action(
      run<BackfillOptions>(resumed, async (options) => (await import("../backfill/run.ts")).runBackfill(options)),
    );
  backfill
    .command("status")
    .description("how far it is")
    .requiredOption(...moduleOption)
    .action(
      run<BackfillOptions>(again, async (options) => (await import("../backfill/status.ts")).backfillStatus(options)),
    );

  program
    .command("compare")
    .description("read both databases whole and say where they differ")
    .addHelpText(
      "after",
      examples("compare run --module vuln", "compare run --module vuln --tenant acme --receipt receipt.json"),
    )
    .command("run")
    .description("compare, in full and both ways; exit code 1 when anything differs")
    .requiredOption(...moduleOption)
    .option("--receipt <file>", "write what was seen, with its SHA-256")
    .option("--tenant <id>", "only this tenant's rows")
    .option("--only <table>", "only this aggregate; may be repeated", collected)
    .action(
      run<CompareRunOptions>("nothing was changed; run it again", async (options) =>
        (await import("../compare/run.ts")).runCompare(options),
      ),
    );

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
