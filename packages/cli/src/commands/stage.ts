import type { Command } from "commander";
import { examples } from "../help.ts";
import type { StageOptions } from "../stage/options.ts";
import { again, allOption, collected, count, dryRunOption, moduleOption, type Run } from "./common.ts";
import { ofEach } from "./each.ts";

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
  shadow -> live, live -> shadow                the same, enough shadow reads that agreed since this stay began and none that
                                                differed, and a full comparison without findings
  ramp-down -> postgres, dual-write -> mongo    --yes, or an answer: replication ends
Other steps are free. Each guard prints what it saw; --dry-run asks the guard and changes nothing, also draining nothing.
`;

const back =
  "the rehearsal was ended, and the module taken back to where it was unless a line above says otherwise; `stella-data stage show` tells";

const lost = `
--force is for a primary that is lost for good, for everybody. It is refused while both databases answer; a server that refuses the login, or
answers with any other error, answers. It says what it assumes: which database is taken as lost, from when on something may be missing, and
the new epoch. What the lost database had accepted and not delivered is missing afterwards. A service that reaches both databases goes over to
the survivor within a second, and retires the old copy; so does the next stage command. What it wrote to the lost database until then is
missing too. A process that reaches the lost database alone would go on believing it: keep services away until the copy is retired.

--gone states that an instance has ended, so that a move need not wait for its read lease. Its name, who stated it and why are kept in the
evidence. Should it live after all, it cannot write under the old stage, but its reads may be stale until its lease has run out.
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
    .description("the stage, what is under way, who serves the module, and what is still to be replicated")
    .requiredOption(...allOption)
    .option("--watch", "go on: when the record changes and every second, until Ctrl-C; --json gives one object a line")
    .option("--times <count>", "end a watch after so many views", count)
    .addHelpText("after", "\nExit code 3 where one database cannot be reached: the rest is shown.\n")
    .action(
      run<StageOptions>(again, async (options) =>
        options.watch === true
          ? (await import("../stage/watch.ts")).watch(options)
          : ofEach((await import("../stage/show.ts")).show)(options),
      ),
    );
  stage
    .command("init")
    .description("give a module its stage record, at the database that holds its data now")
    .requiredOption(...allOption)
    .requiredOption("--stage <stage>", '"mongo" or "postgres"')
    .option(...dryRunOption)
    .option(...byOption)
    .option(...reasonOption)
    .action(
      run<StageOptions>(again, async (options) => ofEach((await import("../stage/initialise.ts")).init)(options)),
    );
  for (const [way, description] of [
    ["advance", "one step towards PostgreSQL"],
    ["back", "one step back towards MongoDB"],
  ] as const)
    stage
      .command(way)
      .description(description)
      .requiredOption(...allOption)
      .option("--to <stage>", "the stage meant: refused when it is not the next, done when the module is there already")
      .option("--yes", "confirm a step that ends replication")
      .option(...goneOption)
      .option(...minShadowReadsOption)
      .option(...dryRunOption)
      .option(...byOption)
      .option(...reasonOption)
      .action(
        run<StageOptions>(goOn, async (options) => {
          const { change } = await import("../stage/change.ts");
          return ofEach<StageOptions>((one) => change(way, one))(options);
        }),
      );
  stage
    .command("abandon")
    .description("end replication at the primary as it is, step by step, also with the secondary dead")
    .requiredOption(...moduleOption)
    .option("--yes", "confirm it: the other database needs a backfill again")
    .option(...dryRunOption)
    .option(...byOption)
    .option(...reasonOption)
    .action(run<StageOptions>(goOn, async (options) => (await import("../stage/abandon.ts")).abandon(options)));
  stage
    .command("rehearse")
    .description("forward and back on a live module, and what it cost; the module ends where it was, also after Ctrl-C")
    .requiredOption(...moduleOption)
    .option("--with-primary", "also move the primary, there and back, where its guards hold")
    .option(...minShadowReadsOption)
    .option(...byOption)
    .option(...reasonOption)
    .action(run<StageOptions>(back, async (options) => (await import("../stage/rehearse.ts")).rehearse(options)));
  stage
    .command("history")
    .description("every change, with who, why, and what the guard saw")
    .requiredOption(...allOption)
    .action(
      run<StageOptions>(again, async (options) => ofEach((await import("../stage/history.ts")).history)(options)),
    );
  stage
    .command("recover")
    .description("finish a change that was left under way; services do so by themselves after two seconds")
    .requiredOption(...moduleOption)
    .option("--revert", "take the change back instead, where it is not decided yet")
    .option(...goneOption)
    .option("--force", "the primary is lost for good: go on with the other database alone")
    .option("--yes", "confirm what --force assumes; --dry-run tells it")
    .option(...dryRunOption)
    .option(...byOption)
    .option(...reasonOption)
    .addHelpText("after", lost)
    .action(
      run<StageOptions>(goOn, async (options) =>
        options.force === true
          ? (await import("../stage/force.ts")).force(options)
          : (await import("../stage/recover.ts")).recover(options),
      ),
    );
}

const goneOption = [
  "--gone <instance>",
  "it has ended: do not wait for its lease (repeatable; should it live, its reads may be stale for some seconds)",
  collected,
] as const;
const byOption = ["--by <name>", "who makes the change (default: the login name)"] as const;
const minShadowReadsOption = [
  "--min-shadow-reads <count>",
  "shadow reads that must have agreed before the primary moves (default: 20); 0 where nobody reads",
  count,
] as const;
const reasonOption = ["--reason <text>", "why, for the history"] as const;
