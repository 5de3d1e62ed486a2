import type { Command } from "commander";
import type { AdoptOptions } from "../adopt/options.ts";
import type { CaptureOptions } from "../capture/status.ts";
import { examples } from "../help.ts";
import { again, collected, moduleOption, type Run } from "./common.ts";

/** Commands about documents that other programs wrote to MongoDB. */
export function adoptCommands(program: Command, run: Run): void {
  program
    .command("adopt")
    .description(
      "bring documents that another program made into the module's shape; exit code 1 when some do not fit. Before replication begins",
    )
    .requiredOption(...moduleOption)
    .option("--dry-run", "only say what is there and what would be refused, and change nothing")
    .option("--tenant <id>", 'whose the documents are that name no tenant: a tenant, or "@global"')
    .option("--mapping <file>", "extended JSON by collection: rename, defaults, keep")
    .option("--report <file>", "write every refused document and every derived id, one JSON object a line")
    .option("--only <collection>", "only this collection; may be repeated", collected)
    .addHelpText(
      "after",
      examples(
        "adopt --module vuln --dry-run --report refused.ndjson",
        "adopt --module vuln --tenant acme --mapping mapping.json --report refused.ndjson",
      ),
    )
    .action(
      run<AdoptOptions>(
        "what was adopted stays; run the same command again, and it goes on from its cursors",
        async (options) =>
          options.dryRun === true
            ? (await import("../adopt/survey.ts")).dryRun(options)
            : (await import("../adopt/run.ts")).runAdopt(options),
      ),
    );

  const capture = program
    .command("capture")
    .description("writes of other programs to MongoDB, while it is the primary and something is replicated")
    .addHelpText("after", examples("capture status --module vuln", "capture rescan --module vuln"));
  capture
    .command("status")
    .description("what was captured, what was lost, and what does not fit; exit code 1 when guards would refuse")
    .requiredOption(...moduleOption)
    .action(run<CaptureOptions>(again, async (options) => (await import("../capture/status.ts")).status(options)));
  capture
    .command("rescan")
    .description("find what was written while nothing was captured, replicate it, and compare")
    .requiredOption(...moduleOption)
    .action(run<CaptureOptions>(again, async (options) => (await import("../capture/rescan.ts")).runRescan(options)));
}
