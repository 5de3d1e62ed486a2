import type { ModuleWiring, Scope } from "@stellaops/cutover/open";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inTurn } from "../contract.ts";
import {
  allowed,
  rowOwners,
  tenantOperations,
  tenantRoles,
  tenantTables,
  tried,
  type TenantTable,
  type Withheld,
} from "../tenancy.ts";
import { withPostgres } from "../with-postgres.ts";
import type { Calls } from "./calls.ts";
import { definersSuite, type Definers } from "./definers.ts";
import { mongoTenancySuite } from "./mongo-tenancy.ts";
import { postgresRig, type PostgresRig } from "./postgres-rig.ts";
import { allTablesOf } from "./tables.ts";

export interface TenancyOptions<R> {
  readonly wiring: ModuleWiring<R>;
  readonly calls: Calls<R>;
  /** Stores one row at least in every table, children included. */
  readonly fill: (scope: Scope<R>) => Promise<unknown>;
  readonly definers?: Definers;
  /** Grants that services lack beside those of append-only tables, by table without schema. */
  readonly withheld?: Withheld;
}

/** That no tenant sees or changes another's, on either database. */
export function tenancySuite<R>(options: TenancyOptions<R>): void {
  const { wiring, calls, fill, definers = {}, withheld } = options;
  const { name: module, schema } = wiring;

  describe("PostgreSQL, from its catalogue", () => {
    let rig: PostgresRig<R>;
    let tables: readonly TenantTable[];
    beforeAll(async () => {
      rig = await postgresRig(wiring, { registered: true });
      await rig.reset();
      await inTurn(rowOwners, (tenant) => fill(rig.at(tenant)));
      tables = await withPostgres(rig.database.url, (client) => tenantTables(client, wiring));
    });
    afterAll(() => rig.close());

    it("tenancy.tables: all of the definitions and the register, each with forced row-level security and its four policies", () => {
      const defined = allTablesOf(wiring).map(({ table }) => `${schema}.${table}`);
      expect(tables.map(({ name }) => name).toSorted()).toEqual([...defined, "cutover.register"].toSorted());
      for (const { name, enabled, forced, policies, rows } of tables) {
        const short = name.split(".")[1];
        expect({ name, enabled, forced, policies }).toEqual({
          name,
          enabled: true,
          forced: true,
          policies: ["delete", "insert", "select", "update"].map((verb) => `${short}_${verb} for ${verb}`),
        });
        // The matrix below says nothing about a table without rows of each tenant.
        expect([name, rows]).toEqual([name, rowOwners]);
      }
    });

    describe.each(tenantRoles(wiring))("$name", (role) => {
      it.each(tenantOperations)(
        "tenancy.matrix: may $name exactly what the policies say, in every table",
        async (operation) => {
          const attempts = tables.map((table) => ({ table, role, operation }));
          const answers = await withPostgres(rig.database.url, async (client) => {
            await client.query("begin");
            return tried(client, attempts);
          });
          const seen = tables.map(({ name }, i) => [name, answers[i]]);
          const expected = attempts.map((one) => [one.table.name, allowed(wiring, one, withheld)]);
          expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(expected));
        },
      );
    });

    it("tenancy.setting: what a committed scope leaves behind is '', and that is no tenant", async () => {
      await withPostgres(rig.appUrl, async (client) => {
        await client.query("begin; select set_config('app.tenant_id', 'acme', true); commit");
        const { rows } = await client.query("select current_setting('app.tenant_id') as left_behind");
        expect(rows).toEqual([{ left_behind: "" }]);
        const table = `${schema}.${wiring.aggregates[0]?.table}`;
        await expect(client.query(`select from ${table}`)).rejects.toMatchObject({ code: "42501" });
      });
    });

    it("tenancy.roles: services own nothing, bypass nothing, and are no superusers", async () => {
      await withPostgres(rig.database.url, async (client) => {
        const roles = [`${module}_app`, `${module}_app_test`, `${module}_owner`];
        const { rows } = await client.query(
          `select rolname, rolsuper, rolbypassrls,
             (select count(*)::int from pg_class where relowner = r.oid and relnamespace = $1::regnamespace) as owns
           from pg_roles r where rolname = any($2) order by rolname`,
          [schema, roles],
        );
        const none = { rolsuper: false, rolbypassrls: false };
        expect(rows.map(({ owns: _owns, ...row }) => row)).toEqual(roles.map((rolname) => ({ rolname, ...none })));
        expect(rows.filter(({ owns }) => owns > 0).map(({ rolname }) => rolname)).toEqual([`${module}_owner`]);
      });
    });

    definersSuite(() => rig, wiring, definers);
  });

  mongoTenancySuite(wiring, calls);
}
