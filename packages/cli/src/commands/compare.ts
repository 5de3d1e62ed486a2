import type { Command } from "commander";
import type { CompareRunOptions, CompareShowOptions, VerifyReceiptOptions } from "../compare/options.ts";
import { examples } from "../help.ts";
import type { RepairOptions } from "../repair/options.ts";
import { again, allOption, collected, count, dryRunOption, whole, type Run } from "./common.ts";
import { ofEach } from "./each.ts";

const unchanged = "nothing was changed; run it again";

/** Commands that find what differs, and mend what provably lags. */
export function compareCommands(program: Command, run: Run): void {
  const compare = program
    .command("compare")
    .description("read both databases whole and say where they differ")
    .addHelpText(
      "after",
      examples(
        "compare run --module vuln --receipt receipt.json",
        "compare show --module vuln --class differing --tenant acme",
        "compare recheck --module vuln",
        "compare verify-receipt receipt.json",
      ),
    );
  compare
    .command("run")
    .description("compare, in full and both ways, and keep the receipt; exit code 1 when anything differs")
    .requiredOption(...allOption)
    .option("--receipt <file>", "write what was seen, with its SHA-256, to a file as well")
    .option("--tenant <id>", "only this tenant's rows")
    .option("--only <table>", "only this aggregate; may be repeated", collected)
    .option("--workers <n>", "workers that share the key ranges of an aggregate (default: 1)", whole)
    .action(
      run<CompareRunOptions>(unchanged, async (options) =>
        ofEach((await import("../compare/run.ts")).runCompare)(options),
      ),
    );
  compare
    .command("show")
    .description("what the last comparison found; exit code 1 when there were findings")
    .requiredOption(...allOption)
    .option("--receipt <file>", "of this file instead")
    .option("--class <name>", "only findings of this class; may be repeated", collected)
    .option("--aggregate <table>", "only findings of this aggregate; may be repeated", collected)
    .option("--tenant <id>", "only findings of this tenant")
    .option("--limit <n>", "findings shown (default: 100)", count)
    .action(
      run<CompareShowOptions>(unchanged, async (options) =>
        ofEach((await import("../compare/show.ts")).showCompare)(options),
      ),
    );
  compare
    .command("recheck")
    .description("look again only at the keys of the last findings; exit code 1 when any is left")
    .requiredOption(...allOption)
    .option("--receipt <file>", "at those of this file instead")
    .action(
      run<CompareShowOptions>(unchanged, async (options) =>
        ofEach((await import("../compare/recheck.ts")).recheckCompare)(options),
      ),
    );
  compare
    .command("verify-receipt")
    .description(
      "compute a receipt's digests again, its own and those of its ranges in both databases; exit code 1 when one does not hold",
    )
    .argument("<file>", "a receipt that `compare run` wrote")
    .option("--module <name>", "refuse a receipt of another module")
    .action((file: string, options: VerifyReceiptOptions, command: Command) =>
      run<VerifyReceiptOptions>(unchanged, async ({ module }) =>
        (await import("../compare/verify-receipt.ts")).verifyReceiptFile(file, module),
      )(options, command),
    );

  const repair = program
    .command("repair")
    .description("apply what is pending and what provably lags; everything else is listed with the reason")
    .addHelpText("after", examples("repair run --module vuln --dry-run", "repair status --module vuln --json"));
  repair
    .command("run")
    .description(
      "drain, then apply the findings of the last comparison that are provably lag; exit code 1 when something is left",
    )
    .requiredOption(...allOption)
    .option(...dryRunOption)
    .action(
      run<RepairOptions>(again, async (options) => ofEach((await import("../repair/run.ts")).runRepair)(options)),
    );
  repair
    .command("status")
    .description("what is pending, parked and found; exit code 1 when there is any")
    .requiredOption(...allOption)
    .action(
      run<RepairOptions>(unchanged, async (options) =>
        ofEach((await import("../repair/status.ts")).repairStatus)(options),
      ),
    );
}
