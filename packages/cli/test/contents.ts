import { withMongo, withPostgres } from "@stellaops/testkit";
import type { Rig } from "./rig.ts";

/** Everything that both databases hold, but leases and signs of life: whoever follows the stage has both. */
export async function contents({ postgres, mongo }: Pick<Rig, "postgres" | "mongo">): Promise<object> {
  return { postgres: await ofPostgres(postgres.url), mongo: await ofMongo(mongo.url) };
}

const ofPostgres = (url: string): Promise<object> =>
  withPostgres(url, async (client) => {
    const { rows } = await client.query<{ readonly name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
 where schemaname not in ('pg_catalog', 'information_schema') and tablename not in ('leases', 'instances') order by 1`,
    );
    const tables: [string, unknown][] = [];
    for (const { name } of rows) {
      const found = await client.query<{ readonly all: unknown }>(
        `select json_agg(t order by t::text) as all from ${name} t`,
      );
      tables.push([name, found.rows[0]?.all]);
    }
    return Object.fromEntries(tables);
  });

const ofMongo = (url: string): Promise<object> =>
  withMongo(url, async (client) => {
    const names = (await client.db().listCollections().toArray()).map(({ name }) => name).toSorted();
    const collections: [string, unknown][] = [];
    for (const name of names)
      if (name !== "leases" && name !== "instances" && !name.startsWith("epoch_"))
        collections.push([name, await client.db().collection(name).find().sort({ _id: 1 }).toArray()]);
    return Object.fromEntries(collections);
  });
