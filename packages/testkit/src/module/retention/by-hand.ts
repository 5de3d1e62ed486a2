import type { ModuleWiring } from "@stellaops/cutover/open";
import { seededIds, systemClock } from "@stellaops/kernel";
import { expect } from "vitest";
import { withPostgres } from "../../with-postgres.ts";
import { postgresRig } from "../postgres-rig.ts";
import type { Retained } from "./suite.ts";

const ids = seededIds(systemClock, 73);
const longAgo = new Date("2001-01-01T00:00:00.000Z");

/** By the login of a service, with statements of its own. */
export async function purgedByHand<R>(wiring: ModuleWiring<R>, { aggregate, append }: Retained<R>): Promise<void> {
  const { schema } = wiring;
  const { table, retain } = aggregate;
  const [purge, bury] = [`${schema}_app.purge_${table}`, `${schema}_app.bury_${table}`];
  const rig = await postgresRig(wiring);
  try {
    const [old, theirs, young] = [ids.next(), ids.next(), ids.next()];
    await append(rig.at("acme"), old, longAgo);
    await append(rig.at("umbrella"), theirs, longAgo);
    await append(rig.at("acme"), young, new Date());
    await withPostgres(rig.appUrl, async (client) => {
      const ask = (text: string, ...values: readonly unknown[]) => client.query(text, [...values]);
      await expect(ask(`select * from ${purge}(now(), 10)`)).rejects.toMatchObject({ code: "42501" });
      await ask("select set_config('app.tenant_id', 'acme', false)");
      await expect(ask(`delete from ${schema}.${table} where id = $1`, old)).rejects.toMatchObject({ code: "42501" });
      await expect(ask(`update ${schema}.${table} set revision = 2`)).rejects.toMatchObject({ code: "42501" });
      // The young one is refused with whatever comes beside it; another tenant's is as if it were not there.
      await expect(ask(`select ${bury}($1)`, [old, young])).rejects.toMatchObject({ code: "ST006" });
      await ask(`select ${bury}($1)`, [theirs]);
      expect((await ask(`select id, revision from ${purge}('9999-01-01', null)`)).rows).toEqual([
        { id: old, revision: "2" },
      ]);
      expect((await ask(`select id from ${schema}.${table}`)).rows).toEqual([{ id: young }]);
    });
    await withPostgres(rig.database.url, async (client) => {
      const left = await client.query(`select id from ${schema}.${table} order by tenant_id`);
      expect(left.rows).toEqual([{ id: young }, { id: theirs }]);
      // The migration and the definition say the same.
      const made = await client.query<{ name: string; days: string }>(
        `select p.oid::regproc::text as name, substring(p.prosrc from $$interval '1 hour' \\* 24 \\* (\\d+)$$) as days
         from pg_proc p where p.oid::regproc::text = any($1) order by name`,
        [[purge, bury]],
      );
      const days = String(retain?.least);
      expect(made.rows).toEqual([
        { name: bury, days },
        { name: purge, days },
      ]);
    });
  } finally {
    await rig.close();
  }
}
