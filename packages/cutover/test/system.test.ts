import { raised as mongoRaised, type Unit as MongoUnit } from "@stellaops/mongo";
import { Text, type Unit as PostgresUnit } from "@stellaops/postgres";
import { databaseUrl, postgresUrl, withPostgres } from "@stellaops/testkit";
import { aSource } from "@stellaops/testkit/source";
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import { wiring as vulnWiring, type VulnRepositories } from "../../vuln/src/wiring.ts";
import { initialise, openModule, type OpenModule, type SystemWiring } from "../src/index.ts";
import { nextId, replicationRig, vuln, type ReplicationRig } from "./replication-rig.ts";

/** The tenants that have a source, in their order. */
interface Sourced {
  tenants(limit: number): Promise<readonly string[]>;
}
interface System {
  readonly sourced: Sourced;
}

const listTenants = new Text("select tenant_id from vuln_app.tenants_with_sources($1)");

class PostgresSourced implements Sourced {
  readonly #unit: PostgresUnit;
  constructor(unit: PostgresUnit) {
    this.#unit = unit;
  }
  async tenants(limit: number): Promise<readonly string[]> {
    const [result] = await this.#unit.run([listTenants.bind([limit])]);
    return (result?.rows ?? []).map((row) => String(row["tenant_id"]));
  }
}

class MongoSourced implements Sourced {
  readonly #unit: MongoUnit;
  constructor(unit: MongoUnit) {
    this.#unit = unit;
  }
  async tenants(limit: number): Promise<readonly string[]> {
    const stages = [{ $group: { _id: "$tenantId" } }, { $sort: { _id: 1 } }, { $limit: limit }];
    const found = await this.#unit.db
      .collection("sources")
      .aggregate<{ readonly _id: string }>(stages)
      .toArray()
      .catch(mongoRaised);
    return found.map(({ _id }) => _id);
  }
}

const wiring: SystemWiring<VulnRepositories, System> = {
  ...vulnWiring,
  system: { sourced: { tenants: "read" } },
  postgres: async () => ({
    ...(await import("../../vuln/src/postgres/index.ts")),
    system: { sourced: PostgresSourced },
  }),
  mongo: async () => ({ ...(await import("../../vuln/src/mongo/index.ts")), system: { sourced: MongoSourced } }),
};

/** Row-level security holds for all but the reviewed function, which gives tenants and nothing else. */
const definer = `
  create function vuln_app.tenants_with_sources(row_limit integer) returns table (tenant_id text)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as 'select distinct s.tenant_id from vuln.sources s order by 1 limit row_limit';
  revoke all on function vuln_app.tenants_with_sources(integer) from public;
  grant execute on function vuln_app.tenants_with_sources(integer) to vuln_app;
  alter function vuln_app.tenants_with_sources(integer) owner to stella_replicator`;

let rig: ReplicationRig;
beforeAll(async () => {
  rig = await replicationRig();
  const superuser = databaseUrl(postgresUrl(), new URL(rig.urls.service).pathname.slice(1));
  await withPostgres(superuser, (client) => client.query(definer));
});
afterAll(() => rig[Symbol.asyncDispose]());

const open = (stage: "postgres" | "mongo" | "record"): Promise<OpenModule<VulnRepositories, System>> =>
  openModule(wiring, { postgres: rig.service, mongo: rig.mongo, stage });

async function namesTenants(module: OpenModule<VulnRepositories, System>): Promise<void> {
  for (const tenant of ["globex", "acme"]) await module.tenant(tenant).sources.put(aSource(nextId()), 0n);
  const { sourced } = module.system();
  expect(await sourced.tenants(10)).toEqual(["acme", "globex"]);
  expect(await sourced.tenants(1)).toEqual(["acme"]);
}

describe("the handle over all tenants", () => {
  test("names them on each database with a fixed stage, and under a live one wherever the primary is", async () => {
    for (const word of ["postgres", "mongo"] as const) {
      const module = await open(word);
      await namesTenants(module);
      await module.close();
    }
    await rig.copier.pool.query("delete from vuln.sources");
    await initialise({ sides: rig.sides, module: vuln.name, stage: "mongo", by: "test", reason: "begin" });
    const live = await open("record");
    const { sourced } = live.system();
    expect(await sourced.tenants(10)).toEqual(["acme", "globex"]);
    await rig.goTo("dual-write");
    await rig.backfill();
    await rig.goTo("live");
    await live.tenant("initech").sources.put(aSource(nextId()), 0n);
    expect(await sourced.tenants(10)).toEqual(["acme", "globex", "initech"]);
    await live.close();
  });

  test("is empty where a module has none", async () => {
    const module = await openModule(vulnWiring, { postgres: rig.service, stage: "postgres", checks: false });
    expectTypeOf(module.system()).toEqualTypeOf<Readonly<object>>();
    expect(module.system()).toEqual({});
    await module.close();
  });

  test("only reads, and answers tenants and nothing else", () => {
    // @ts-expect-error a verb that writes
    expectTypeOf<{ sourced: { tenants: "write" } }>().toExtend<SystemWiring<VulnRepositories, System>["system"]>();
    interface Rows {
      readonly rows: { all(): Promise<readonly { readonly id: string }[]> };
    }
    // @ts-expect-error rows of tenants
    expectTypeOf<SystemWiring<VulnRepositories, Rows>>().toBeObject();
  });
});
