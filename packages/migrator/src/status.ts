import { connected } from "./connect.ts";
import type { Category } from "./files/name.ts";
import { readMigrations } from "./files/read.ts";
import { rowsOf } from "./ledger/read.ts";
import type { LedgerRow } from "./ledger/row.ts";
import { lockHolder, type LockHolder } from "./lock.ts";
import { dataLock } from "./locks.ts";
import type { Settings } from "./options.ts";
import { planOf } from "./plan.ts";
import type { Problem } from "./problem.ts";

export interface FileStatus {
  readonly name: string;
  readonly category: Category;
  /** `running`: begun and not ended, by a runner at work or by one that died; the next run goes on. */
  readonly state: "applied" | "running" | "pending";
  readonly ledger: LedgerRow | undefined;
}

export interface Status {
  readonly files: readonly FileStatus[];
  readonly problems: readonly Problem[];
  /** Who holds the lock of the schema, and of its data migrations. */
  readonly running: { readonly schema: LockHolder | undefined; readonly data: LockHolder | undefined };
}

/** Reads only; refuses nothing. */
export async function status({ url, module, signal }: Settings): Promise<Status> {
  const folder = await readMigrations(module.migrations);
  return connected(
    url,
    async (client) => {
      const rows = (await rowsOf(client, module)) ?? [];
      const { problems } = planOf(folder, rows);
      const onDisk = folder.files.map(({ name, category }) => {
        const ledger = rows.find((row) => row.name === name);
        return { name, category, state: ledger?.state ?? ("pending" as const), ledger };
      });
      const gone = rows
        .filter((row) => !folder.files.some(({ name }) => name === row.name))
        .map((row) => ({ name: row.name, category: row.category, state: row.state, ledger: row }));
      const running = {
        schema: await lockHolder(client, module.schema),
        data: await lockHolder(client, dataLock(module)),
      };
      return { files: [...onDisk, ...gone], problems, running };
    },
    signal,
  );
}
