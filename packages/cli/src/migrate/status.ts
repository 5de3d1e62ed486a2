import type { Command } from "../context.ts";
import { table } from "../output/table.ts";
import { differencesIn, sentenceOf } from "./differences.ts";
import type { MigrateOptions } from "./options.ts";
import { targetsOf } from "./targets.ts";
import { databaseOf, migratorOf } from "./work.ts";

/** Each file with what the ledger says of it, and who is at work. */
export const status =
  ({ module, backend }: MigrateOptions): Command =>
  async (context) => {
    const targets = targetsOf(module, backend);
    const postgres = [];
    for (const target of targets.postgres) {
      const { files, problems, running } = await (await migratorOf(context, target)).status();
      postgres.push({ set: target.set.name, files, problems, running });
    }
    const mongo = [];
    for (const target of targets.mongo) {
      const differences = await differencesIn(await databaseOf(context, target), target.set);
      mongo.push({ set: target.set.name, module: target.module, differences });
    }
    const files = postgres.flatMap(({ set, files: all }) =>
      all.map(({ name, category, state }) => [set, name, category, state]),
    );
    return {
      holds: postgres.every(({ problems }) => problems.length === 0),
      result: { postgres, mongo },
      lines: [
        ...(files.length === 0 ? [] : table(["set", "file", "category", "state"], files)),
        ...postgres.flatMap(({ problems }) => problems.map(({ code, message }) => `${code}: ${message}`)),
        ...mongo.flatMap(({ set, differences }) => [
          `mongo ${set}: ${differences.length === 0 ? "as declared" : `${differences.length} differences`}`,
          ...differences.map((difference) => `  ${sentenceOf(difference)}`),
        ]),
      ],
    };
  };
