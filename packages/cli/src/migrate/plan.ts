import type { Command } from "../context.ts";
import { differencesIn, sentenceOf } from "./differences.ts";
import type { MigrateOptions } from "./options.ts";
import { targetsOf } from "./targets.ts";
import { databaseOf, migratorOf } from "./work.ts";

/** What would be applied, and what stands in the way. */
export const plan =
  ({ module, backend, category }: MigrateOptions): Command =>
  async (context) => {
    const targets = targetsOf(module, backend);
    const postgres = [];
    for (const target of targets.postgres) {
      const { pending, problems, applied } = await (await migratorOf(context, target)).plan();
      const wanted = pending.filter((file) => category === undefined || category.includes(file.category));
      const files = wanted.map(({ name, category: of }) => ({ name, category: of }));
      postgres.push({ set: target.set.name, applied, pending: files, problems });
    }
    const mongo = [];
    for (const target of targets.mongo) {
      const differences = await differencesIn(await databaseOf(context, target), target.set);
      mongo.push({ set: target.set.name, module: target.module, pending: differences });
    }
    return {
      holds: postgres.every(({ problems }) => problems.length === 0),
      result: { postgres, mongo },
      lines: [
        ...postgres.flatMap(({ set, applied, pending, problems }) => [
          `postgres ${set}: ${applied} applied, ${pending.length} pending`,
          ...pending.map(({ name, category: of }) => `  ${name} (${of})`),
          ...problems.map(({ code, message }) => `  ${code}: ${message}`),
        ]),
        ...mongo.flatMap(({ set, pending }) => [
          `mongo ${set}: ${pending.length} pending`,
          ...pending.map((difference) => `  ${sentenceOf(difference)}`),
        ]),
      ],
    };
  };
