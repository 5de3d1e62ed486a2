import {
  findingsOf,
  mongoReplica,
  otherDatabase,
  postgresReplica,
  type Database,
  type Stage,
} from "@stellaops/cutover";
import type { ModuleWiring, Scope } from "@stellaops/cutover/open";
import { seededIds, systemClock, tenantId, type Aggregate } from "@stellaops/kernel";
import { openMongo } from "@stellaops/mongo";
import { openPostgres, singleUnit, Text } from "@stellaops/postgres";
import { expect } from "vitest";
import { crossingRig } from "../crossing/rig.ts";
import type { Retained } from "./suite.ts";

const ids = seededIds(systemClock, 71);
const acme = tenantId("acme");
const day = (n: number): Date => new Date(Date.UTC(2001, 0, 1 + n));

/** Stages from the first to the one that replicates from a database, and to the one without the other. */
const ways: Readonly<Record<Database, { readonly both: readonly Stage[]; readonly alone: Stage }>> = {
  mongo: { both: ["dual-write"], alone: "mongo" },
  postgres: { both: ["dual-write", "shadow", "live", "ramp-down"], alone: "postgres" },
};

export async function thereAndNeverBack<R>(
  wiring: ModuleWiring<R>,
  subject: Retained<R>,
  primary: Database,
): Promise<void> {
  const { aggregate, append, of } = subject;
  const secondary = otherDatabase(primary);
  await using at = await crossingRig(wiring);
  await at.begin();
  const go = async (...stages: readonly Stage[]) => {
    for (const stage of stages) {
      await at.advance(stage);
      if ((await at.view()).secondary !== null) await at.backfill();
    }
  };
  const backlog = () => at.copies[primary].backlog();
  const settled = (parked = 0) =>
    expect.poll(backlog, { interval: 20, timeout: 20_000 }).toEqual({ pending: 0, parked });
  const { replicas, stored, mongo, close } = asService(wiring, aggregate, at.urls);
  try {
    // Before anything replicates: this is also who captures.
    const on = (await at.open()).tenant(acme);
    await go(...ways[primary].both);
    const purge = (keepDays: number, limit = 100) => of(on).purge({ at: day(400), keepDays, limit });
    const [old, older, mid, again, young] = [ids.next(), ids.next(), ids.next(), ids.next(), ids.next()] as const;
    await append(on, old, day(1));
    await append(on, older, day(0));
    await append(on, mid, day(100));
    await append(on, again, day(101));
    await append(on, young, new Date());
    await settled();
    expect(await stored(secondary, old, older, mid, again, young)).toBe(5);
    const [late] = await replicas[primary].read(aggregate, acme, [old]);
    if (late?.value === undefined || late.value === null) throw new Error("it was never there");

    // The oldest first; what goes here goes there.
    expect(await purge(399, 1)).toBe(1);
    await settled();
    expect([await stored(primary, older), await stored(secondary, older)]).toEqual([0, 0]);
    expect(await purge(350)).toBe(1);
    await settled();
    expect(await stored(secondary, old, older, mid, again, young)).toBe(3);

    // An apply, and the page of a backfill, that were read before and come after.
    const { generation } = await at.view();
    await replicas[secondary].apply(aggregate, acme, [late], generation);
    await at.copies[secondary].fill(aggregate, acme, [late], generation);
    expect(await stored(secondary, old)).toBe(0);

    // Purged and appended again in one unit: the other never hears of the tombstone.
    await append(on, older, day(0));
    await settled();
    await on.transaction(async (inside) => {
      const same = inside as Scope<R>;
      expect(await of(same).purge({ at: day(400), keepDays: 350, limit: 100 })).toBe(1);
      await append(same, older, day(300));
    });
    await settled();
    expect(findingsOf(await at.compare())).toBe(0);

    // Where one database is alone, the other keeps what was purged until a backfill sweeps it, or brings what took its id.
    await go(ways[primary].alone);
    expect(await purge(250)).toBe(2);
    await append(on, again, day(310));
    expect([await stored(primary, mid), await stored(secondary, mid)]).toEqual([0, 1]);
    await go(...ways[primary].both.slice(-1));
    await settled();
    expect([await stored(primary, mid), await stored(secondary, mid)]).toEqual([0, 0]);
    expect(await stored(secondary, young, older, again)).toBe(3);
    expect(findingsOf(await at.compare())).toBe(0);

    if (primary === "postgres") return;
    // Somebody deletes at MongoDB what is too young to go: it is told, and PostgreSQL keeps it.
    await mongo.db.collection(aggregate.table).deleteOne({ tenantId: acme, id: young });
    await settled(1);
    expect(await replicas.mongo.parked(1)).toMatchObject([
      { id: young, reason: expect.stringMatching(/^RETENTION_TOO_SHORT/) },
    ]);
    expect(await stored("postgres", young)).toBe(1);
  } finally {
    await close();
  }
}

/** Both databases with the logins of a service. */
function asService<R>(
  wiring: ModuleWiring<R>,
  aggregate: Aggregate,
  urls: { readonly postgres: string; readonly mongo: string },
) {
  const postgres = openPostgres({ url: urls.postgres, max: 2 });
  const mongo = openMongo({ url: urls.mongo });
  const count = new Text(`select count(*)::int as n from ${wiring.schema}.${aggregate.table} where id = any($1)`);
  return {
    mongo,
    replicas: { postgres: postgresReplica(postgres.pool, wiring), mongo: mongoReplica(mongo, wiring) },
    /** How many of them have a row there, whatever the register says. */
    async stored(database: Database, ...those: readonly string[]): Promise<number> {
      if (database === "mongo")
        return mongo.db.collection(aggregate.table).countDocuments({ tenantId: acme, id: { $in: [...those] } });
      const [found] = await singleUnit(postgres.pool, { tenant: acme, writes: false }).run([count.bind([those])]);
      return Number(found?.rows[0]?.["n"]);
    },
    close: () => Promise.all([postgres.close(), mongo.close()]),
  };
}
