import { connected } from "./connect.ts";
import { readMigrations } from "./files/read.ts";
import { rowsOf } from "./ledger/read.ts";
import type { Settings } from "./options.ts";
import { planOf } from "./plan.ts";
import type { Problem } from "./problem.ts";
import { invalidIndexes } from "./run/outside.ts";

export interface Verification {
  /** Nothing below is filled. */
  readonly clean: boolean;
  readonly problems: readonly Problem[];
  /** Names, half-done ones included. */
  readonly pending: readonly string[];
  /** Quoted names of indexes that a crashed build left; queries do not use them. */
  readonly invalidIndexes: readonly string[];
}

/** Is the database exactly what the folder says? Reads only. */
export async function verify({ url, module, signal }: Settings): Promise<Verification> {
  const folder = await readMigrations(module.migrations);
  return connected(
    url,
    async (client) => {
      const plan = planOf(folder, (await rowsOf(client, module)) ?? []);
      const pending = plan.pending.map(({ name }) => name);
      const invalid = await invalidIndexes(client, module.schema);
      const clean = plan.problems.length + pending.length + invalid.length === 0;
      return { clean, problems: plan.problems, pending, invalidIndexes: invalid };
    },
    signal,
  );
}
