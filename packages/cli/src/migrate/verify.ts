import type { Command } from "../context.ts";
import { differencesIn, sentenceOf } from "./differences.ts";
import type { MigrateOptions } from "./options.ts";
import { targetsOf } from "./targets.ts";
import { databaseOf, migratorOf } from "./work.ts";

/** Are both databases exactly what the module declares? */
export const verify =
  ({ module, backend }: Pick<MigrateOptions, "module" | "backend">): Command =>
  async (context) => {
    const targets = targetsOf(module, backend);
    const postgres = [];
    for (const target of targets.postgres)
      postgres.push({ set: target.set.name, ...(await (await migratorOf(context, target)).verify()) });
    const mongo = [];
    for (const target of targets.mongo) {
      const differences = await differencesIn(await databaseOf(context, target), target.set);
      mongo.push({ set: target.set.name, module: target.module, clean: differences.length === 0, differences });
    }
    return {
      holds: [...postgres, ...mongo].every(({ clean }) => clean),
      result: { postgres, mongo },
      lines: [
        ...postgres.flatMap(({ set, clean, problems, pending, invalidIndexes }) => [
          `postgres ${set}: ${clean ? "as declared" : "not as declared"}`,
          ...problems.map(({ code, message }) => `  ${code}: ${message}`),
          ...pending.map((name) => `  ${name} is pending: run migrate apply --module ${module}`),
          ...invalidIndexes.map((name) => `  ${name} is invalid: run migrate repair --module ${module}`),
        ]),
        ...mongo.flatMap(({ set, clean, differences }) => [
          `mongo ${set}: ${clean ? "as declared" : "not as declared: run migrate apply --backend mongo"}`,
          ...differences.map((difference) => `  ${sentenceOf(difference)}`),
        ]),
      ],
    };
  };
