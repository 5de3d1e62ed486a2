import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { childrenOf } from "@stellaops/kernel";
import type { PoolClient } from "pg";
import { from, to } from "pg-copy-streams";
import { definition } from "./advisories.ts";
import type { Rig } from "./rig.ts";

const tables = [definition.table, ...childrenOf(definition.shape).map(({ child }) => child.table)];

/** One table's rows, ready for COPY. */
export interface Copied {
  readonly statement: string;
  readonly text: Buffer;
}

/** What is stored, as `psql` would unload it. */
export const unloaded = (rig: Rig): Promise<readonly Copied[]> =>
  withClient(rig, async (client) => {
    const copies: Copied[] = [];
    for (const table of tables) {
      const { rows } = await client.query<{ list: string }>(
        `select string_agg(quote_ident(attname), ', ' order by attnum) as list from pg_attribute
 where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
        [`vuln.${table}`],
      );
      const columns = `vuln.${table} (${rows[0]?.list})`;
      const text = await buffer(client.query(to(`copy ${columns} to stdout`)));
      copies.push({ statement: `copy ${columns} from stdin`, text });
    }
    return copies;
  });

export const copyBack = (rig: Rig, copies: readonly Copied[]): Promise<void> =>
  withClient(rig, async (client) => {
    await client.query("begin");
    for (const { statement, text } of copies) {
      const stream = client.query(from(statement));
      stream.end(text);
      await once(stream, "finish");
    }
    await client.query("commit");
  });

async function withClient<T>({ replicator }: Rig, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await replicator.pool.connect();
  try {
    return await work(client);
  } finally {
    client.release();
  }
}
