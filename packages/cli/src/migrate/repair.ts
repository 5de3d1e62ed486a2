import type { Command } from "../context.ts";
import { plural } from "../output/table.ts";
import type { MigrateOptions } from "./options.ts";
import { targetsOf } from "./targets.ts";
import { migratorOf } from "./work.ts";

/** Drops invalid indexes, accepts reviewed edits, forgets the progress of half-done files. PostgreSQL only. */
export const repair =
  ({ module, accept = [], forget = [], dryRun = false }: MigrateOptions): Command =>
  async (context) => {
    const { postgres } = targetsOf(module, "postgres");
    const actions = [];
    for (const target of postgres) {
      // Files that were named belong to the module that was named, not to what it leans on.
      const own = target.set.name === module || (module === "all" && target.set.name === target.module);
      const named = own ? { accept, forget } : {};
      const done = await (await migratorOf(context, target)).repair({ ...named, dryRun });
      actions.push(...done.map((action) => ({ set: target.set.name, ...action })));
    }
    return {
      holds: true,
      result: { dryRun, actions },
      lines: [
        `${plural(actions.length, "action")} ${dryRun ? "would be taken" : "taken"}`,
        ...actions.map(({ set, kind, name }) => `  ${set}: ${kind} ${name}`),
      ],
    };
  };
