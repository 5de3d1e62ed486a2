import { InvalidArgumentError, Option, type Command } from "commander";
import { examples } from "../help.ts";
import type { MigrateOptions } from "../migrate/options.ts";
import { again, allOption, collected, dryRunOption, type Run } from "./common.ts";

const backend = (): Option =>
  new Option("--backend <name>", "which databases").choices(["postgres", "mongo", "all"]).default("all");

const categories = ["startup", "release", "seed", "data"];
const category = (): Option =>
  new Option("--category <name>", "only this category of PostgreSQL's files; may be repeated").argParser(
    (value: string, before: readonly string[] | undefined) => {
      if (!categories.includes(value)) throw new InvalidArgumentError(`It is one of: ${categories.join(", ")}.`);
      return collected(value, before);
    },
  );

export function migrateCommands(program: Command, run: Run): void {
  const migrate = program
    .command("migrate")
    .description("schemas, tables, indexes and roles of a module, on both databases")
    .addHelpText(
      "after",
      examples(
        "migrate provision --module vuln --dry-run > roles.sql",
        "migrate plan --module vuln",
        "migrate apply --module all --json",
        "migrate apply --module vuln --backend postgres --category startup --category release",
      ) +
        '\n"--module cutover" is what all modules share: stage record, leases, register. It is applied with each of them.\n',
    );
  migrate
    .command("plan")
    .description("what is pending, and what stands in the way; changes nothing")
    .requiredOption(...allOption)
    .addOption(backend())
    .addOption(category())
    .action(run<MigrateOptions>(again, async (options) => (await import("../migrate/plan.ts")).plan(options)));
  migrate
    .command("apply")
    .description("apply what is pending; safe beside others, and after a crash")
    .requiredOption(...allOption)
    .addOption(backend())
    .addOption(category())
    .option("--rebuild", "MongoDB: also replace indexes that differ or were not declared")
    .option(...dryRunOption)
    .action(run<MigrateOptions>(again, async (options) => (await import("../migrate/apply.ts")).apply(options)));
  migrate
    .command("status")
    .description("each file with its state, and who is at work")
    .requiredOption(...allOption)
    .addOption(backend())
    .action(run<MigrateOptions>(again, async (options) => (await import("../migrate/status.ts")).status(options)));
  migrate
    .command("verify")
    .description("are the databases exactly what the module declares? Exit code 1 when not")
    .requiredOption(...allOption)
    .addOption(backend())
    .action(run<MigrateOptions>(again, async (options) => (await import("../migrate/verify.ts")).verify(options)));
  migrate
    .command("repair")
    .description("drop invalid indexes; accept a reviewed edit; forget the progress of a half-done file")
    .requiredOption(...allOption)
    .option("--accept <file>", "an applied file whose edit was reviewed; may be repeated", collected)
    .option("--forget <file>", "a half-done file that is to begin anew; may be repeated", collected)
    .option(...dryRunOption)
    .action(run<MigrateOptions>(again, async (options) => (await import("../migrate/repair.ts")).repair(options)));
  migrate
    .command("provision")
    .description("roles and schemas, before the first migration; a dry run prints the SQL, without passwords")
    .requiredOption(...allOption)
    .option(...dryRunOption)
    .action(
      run<MigrateOptions>(again, async (options) => (await import("../migrate/provision.ts")).provision(options)),
    );
  migrate
    .command("lint")
    .description("read the migration files with PostgreSQL's parser; needs no server")
    .requiredOption(...allOption)
    .action(run<MigrateOptions>(again, async (options) => (await import("../migrate/lint.ts")).lint(options)));
}
