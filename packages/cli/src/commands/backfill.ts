import type { Command } from "commander";
import type { BackfillOptions, BackfillRunOptions } from "../backfill/options.ts";
import { examples } from "../help.ts";
import type { PurgeOptions } from "../purge/run.ts";
import { again, allOption, dryRunOption, whole, type Run } from "./common.ts";
import { ofEach } from "./each.ts";

const resumed = "what was copied stays; run the same command again, and it goes on from its cursors";

/** Copying what was there before replication, and forgetting what was deleted long ago. */
export function backfillCommands(program: Command, run: Run): void {
  const backfill = program
    .command("backfill")
    .description("copy what the primary held before replication began, and sweep what older generations left")
    .addHelpText(
      "after",
      examples(
        "backfill run --module vuln --workers 4 --rate 2000",
        "backfill status --module vuln --json",
        "backfill pause --module vuln",
      ),
    );
  backfill
    .command("run")
    .description(
      "copy and sweep, beside others that do the same; goes on where it stopped, and ends at once when it is done. Exit code 1 when something was refused, or when it is paused",
    )
    .requiredOption(...allOption)
    .option("--workers <n>", "key ranges copied at once (default: 2)", whole)
    .option("--rate <n>", "keys a second at most, by this command", whole)
    .option(...dryRunOption)
    .action(
      run<BackfillRunOptions>(resumed, async (options) =>
        ofEach((await import("../backfill/run.ts")).runBackfill)(options),
      ),
    );
  backfill
    .command("status")
    .description("how far it is: keys, rate, time left, workers")
    .requiredOption(...allOption)
    .action(
      run<BackfillOptions>(again, async (options) =>
        ofEach((await import("../backfill/status.ts")).backfillStatus)(options),
      ),
    );
  backfill
    .command("pause")
    .description("end every run within a second, wherever it is; none begins until it is resumed")
    .requiredOption(...allOption)
    .action(
      run<BackfillOptions>(again, async (options) =>
        ofEach((await import("../backfill/pause.ts")).pauseBackfill)(options),
      ),
    );
  backfill
    .command("resume")
    .description("let it be run again")
    .requiredOption(...allOption)
    .action(
      run<BackfillOptions>(again, async (options) =>
        ofEach((await import("../backfill/pause.ts")).resumeBackfill)(options),
      ),
    );

  program
    .command("purge")
    .description("forget keys that were deleted long ago; services do so by themselves, once a day")
    .addHelpText("after", examples("purge run --module vuln --older-than 90"))
    .command("run")
    .description('delete tombstones now; only at stage "mongo" or "postgres", where nothing needs them')
    .requiredOption(...allOption)
    .option("--older-than <days>", "deleted before so many days (default: 30)", whole)
    .action(run<PurgeOptions>(again, async (options) => ofEach((await import("../purge/run.ts")).runPurge)(options)));
}
