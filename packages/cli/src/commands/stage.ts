import type { Command } from "commander";
import { examples } from "../help.ts";
import type { StageOptions } from "../stage/options.ts";
import { again, dryRunOption, moduleOption, type Run } from "./common.ts";

const goOn =
  "a change may be under way: `stella-data stage show` tells, and `stage recover` finishes it (or `stage recover --revert`)";

const table = `
Stage        Primary   Secondary
mongo        mongo     none
dual-write   mongo     postgres
shadow       mongo     postgres   some reads are compared
live         postgres  mongo      some reads are compared
ramp-down    postgres  mongo
postgres     postgres  none

Guards:
  mongo -> dual-write, postgres -> ramp-down    both databases migrated
  dual-write -> shadow                          backfill complete, nothing pending or parked
  shadow -> live, live -> shadow                the same, and a full comparison without findings
  ramp-down -> postgres, dual-write -> mongo    --yes, or an answer: replication ends
Other steps are free. Each guard prints what it saw; --dry-run asks the guard and changes nothing, also draining nothing.
`;

export function stageCommands(program: Command, run: Run): void {
  const stage = program
    .command("stage")
    .description("where a module's data is, and the way from one database to the other and back")
    .addHelpText(
      "after",
      table +
        examples(
          "stage show --module vuln",
          "stage advance --module vuln --to live --dry-run",
          'stage advance --module vuln --to live --by ops@example.com --reason "change 4711"',
          "stage back --module vuln",
        ),
    );
  stage
    .command("show")
    .description("the stage, what is under way, and what is still to be replicated")
    .requiredOption(...moduleOption)
    .action(run<StageOptions>(again, async (options) => (await import("../stage/show.ts")).show(options)));
  stage
    .command("init")
    .description("give a module its stage record, at the database that holds its data now")
    .requiredOption(...moduleOption)
    .requiredOption("--stage <stage>", '"mongo" or "postgres"')
    .option(...dryRunOption)
    .option(...byOption)
    .option(...reasonOption)
    .action(run<StageOptions>(again, async (options) => (await import("../stage/initialise.ts")).init(options)));
  for (const [way, description] of [
    ["advance", "one step towards PostgreSQL"],
    ["back", "one step back towards MongoDB"],
  ] as const)
    stage
      .command(way)
      .description(description)
      .requiredOption(...moduleOption)
      .option("--to <stage>", "the stage meant: refused when it is not the next, done when the module is there already")
      .option("--yes", "confirm a step that ends replication")
      .option(...dryRunOption)
      .option(...byOption)
      .option(...reasonOption)
      .action(run<StageOptions>(goOn, async (options) => (await import("../stage/change.ts")).change(way, options)));
  stage
    .command("history")
    .description("every change, with who, why, and what the guard saw (--json)")
    .requiredOption(...moduleOption)
    .action(run<StageOptions>(again, async (options) => (await import("../stage/history.ts")).history(options)));
  stage
    .command("recover")
    .description("finish a change that was left under way; services do so by themselves after two seconds")
    .requiredOption(...moduleOption)
    .option("--revert", "take the change back instead, where it is not decided yet")
    .option(...dryRunOption)
    .option(...byOption)
    .option(...reasonOption)
    .action(run<StageOptions>(goOn, async (options) => (await import("../stage/recover.ts")).recover(options)));
}

const byOption = ["--by <name>", "who makes the change (default: the login name)"] as const;
const reasonOption = ["--reason <text>", "why, for the history"] as const;
