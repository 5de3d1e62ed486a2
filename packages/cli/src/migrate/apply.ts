import { seedMongo } from "@stellaops/cutover";
import { applyMongo } from "@stellaops/migrator";
import type { Command } from "../context.ts";
import { moduleOf } from "../modules.ts";
import type { MigrateOptions } from "./options.ts";
import { targetsOf } from "./targets.ts";
import { databaseOf, migratorOf } from "./work.ts";

/** Applies what is pending; with a dry run says what it would apply. */
export const apply =
  (options: MigrateOptions): Command =>
  async (context) => {
    const { module, backend, category, dryRun = false, rebuild = false } = options;
    const targets = targetsOf(module, backend);
    const postgres = [];
    for (const target of targets.postgres) {
      const migrator = await migratorOf(context, target);
      const categories = category === undefined ? {} : { categories: category };
      const { applied, pending } = await migrator.apply({ ...categories, dryRun });
      const names = dryRun ? pending.map(({ name }) => name) : applied.map(({ name }) => name);
      postgres.push({ set: target.set.name, applied: names });
    }
    const mongo = [];
    for (const target of targets.mongo) {
      context.signal.throwIfAborted();
      const db = await databaseOf(context, target);
      const { applied } = await applyMongo(db, target.set, { rebuild, look: true, dryRun, log: context.logger });
      const seeds = !dryRun && target.set.name === target.module;
      const seeded = seeds ? await seedMongo(db, moduleOf(target.module)) : 0;
      mongo.push({ set: target.set.name, module: target.module, applied, seeded });
    }
    const verb = dryRun ? "would be applied" : "applied";
    return {
      holds: true,
      result: { dryRun, postgres, mongo },
      lines: [
        ...postgres.flatMap(({ set, applied }) => [
          `postgres ${set}: ${applied.length} ${verb}`,
          ...applied.map((name) => `  ${name}`),
        ]),
        ...mongo.flatMap(({ set, applied, seeded }) => [
          `mongo ${set}: ${applied.length} ${verb}${seeded === 0 ? "" : `, ${seeded} seeded`}`,
          ...applied.map(({ collection, index }) => `  ${collection}${index === undefined ? "" : `.${index}`}`),
        ]),
      ],
    };
  };
