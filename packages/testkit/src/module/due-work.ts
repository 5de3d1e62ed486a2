import type { Scope, SystemWiring } from "@stellaops/cutover/open";
import { GLOBAL, type DueWork } from "@stellaops/kernel";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { outcomeOf } from "../contract.ts";
import { withPostgres } from "../with-postgres.ts";
import { mongoRig, type MongoRig } from "./mongo-rig.ts";
import { postgresRig, type PostgresRig } from "./postgres-rig.ts";

interface System<K extends string> {
  readonly dueWork: DueWork<K>;
}

/** What tests work on; inside of them only. */
export interface DueOn<R, K extends string> {
  /** The same in both databases. */
  stored(tenant: string, work: (scope: Scope<R>) => Promise<unknown>): Promise<unknown>;
  /** What both say. */
  due(kind: K, at: Date, limit: number): Promise<unknown>;
}

export interface DueWorkOptions<R, K extends string> {
  readonly kinds: readonly K[];
  /** Of each kind: makes one that is due from that instant on. */
  readonly make: Readonly<Record<K, (scope: Scope<R>, at: Date) => Promise<unknown>>>;
  /** Makes one that was to be due then, and is over before. */
  readonly over: (scope: Scope<R>, at: Date) => Promise<unknown>;
  /** What of its kinds only the module can tell. */
  readonly beside: (on: DueOn<R, K>) => void;
}

const noon = new Date("2026-03-01T12:00:00.000Z");
const minute = (minutes: number): Date => new Date(noon.getTime() + minutes * 60_000);
const notInstants = [new Date(Number.NaN), null, undefined, 1, "2026-03-01"] as readonly Date[];
const tooFar = ["+010000-01-01T00:00:00Z", "0000-12-31T23:59:59Z", "-000001-01-01T00:00:00Z"];

/** `system().dueWork`: tenants with something due, the same from both databases. */
export function dueWorkSuite<R, K extends string>(
  wiring: SystemWiring<R, System<K>>,
  { kinds, make, over, beside }: DueWorkOptions<R, K>,
): void {
  const tables = wiring.aggregates.map(({ table }) => table);

  describe("system().dueWork", () => {
    let postgres: PostgresRig<R, System<K>>;
    let mongo: MongoRig<R, System<K>>;
    beforeAll(async () => void ([postgres, mongo] = await Promise.all([postgresRig(wiring), mongoRig(wiring)])));
    beforeEach(() => Promise.all([postgres.reset(), mongo.reset()]));
    afterAll(() => Promise.all([postgres.close(), mongo.close()]));

    const stored: DueOn<R, K>["stored"] = (tenant, work) =>
      Promise.all([postgres, mongo].map((rig) => work(rig.at(tenant))));
    const due: DueOn<R, K>["due"] = async (...asked) => {
      const ask = (rig: typeof postgres | typeof mongo) => outcomeOf(() => rig.system().dueWork.dueTenants(...asked));
      const [told, other] = [await ask(postgres), await ask(mongo)];
      expect(other).toEqual(told);
      return "value" in told ? told.value : told;
    };

    it.each(kinds)(
      "dueTenants: %s that are due, whoever has waited longest first, and to the instant",
      async (kind) => {
        expect(await due(kind, noon, 10)).toEqual([]);
        const waiting = { c: -1, a: -3, b: -3, later: 1 };
        for (const [tenant, minutes] of Object.entries(waiting)) {
          await stored(tenant, (scope) => make[kind](scope, minute(minutes)));
          await stored(tenant, (scope) => make[kind](scope, minute(50)));
        }
        expect(await due(kind, noon, 10)).toEqual(["a", "b", "c"]);
        expect(await due(kind, noon, 2)).toEqual(["a", "b"]);
        expect(await due(kind, minute(1), 10)).toEqual(["a", "b", "c", "later"]);
        expect(await due(kind, new Date(minute(1).getTime() - 1), 10)).toEqual(["a", "b", "c"]);
        for (const other of kinds.filter((one) => one !== kind)) expect(await due(other, minute(60), 10)).toEqual([]);
      },
    );

    it.each(kinds)("dueTenants: the shared scope is one like any other, of %s", async (kind) => {
      await stored(GLOBAL, (scope) => make[kind](scope, noon));
      expect(await due(kind, noon, 10)).toEqual([GLOBAL]);
    });

    it.each(kinds)("dueTenants: refuses limits and instants that are none, of %s", async (kind) => {
      for (const limit of [0, 1_001]) expect(await due(kind, noon, limit)).toMatchObject({ error: "LIMIT_INVALID" });
      for (const none of notInstants)
        expect(await due(kind, none, 1)).toMatchObject({ error: "VALUE_DATE", family: "data", path: "at" });
      for (const far of tooFar)
        expect(await due(kind, new Date(far), 1)).toMatchObject({ error: "VALUE_DATE_RANGE", path: "at" });
    });

    it("dueTenants: refuses a kind that it does not know, of tables too", async () => {
      const known: readonly string[] = kinds;
      const others = tables.filter((table) => !known.includes(table));
      expect(others).not.toEqual([]);
      for (const other of others)
        expect(await due(other as K, noon, 1)).toMatchObject({ error: "WORK_KIND", family: "data" });
    });

    it("dueTenants: is no verb of a tenant", () => {
      for (const rig of [postgres, mongo]) expect(Object.keys(rig.at("acme"))).not.toContain("dueWork");
    });

    it("dueTenants: gives tenants and nothing else, and only services may ask", async () => {
      const { rows } = await withPostgres(postgres.database.url, (client) =>
        client.query<{ columns: string; open: boolean }>(
          `select pg_get_function_result(oid) as columns, has_function_privilege('public', oid, 'execute') as open
           from pg_proc where oid = '${wiring.name}_app.due_tenants(text, timestamptz, integer)'::regprocedure`,
        ),
      );
      expect(rows).toEqual([{ columns: "TABLE(tenant_id text)", open: false }]);
    });

    it.each(kinds)(
      "dueTenants: reads no more of the %s on MongoDB than what waits, and a probe or two a tenant",
      async (kind) => {
        for (const scope of ["a", "b", "c"].map((tenant) => mongo.at(tenant)))
          for (let i = 0; i < 20; i += 1) {
            for (const one of kinds) await make[one](scope, minute(60 + i));
            await over(scope, minute(60 + i));
          }
        const { db } = mongo.mongo;
        await db.command({ profile: 2 });
        await mongo.system().dueWork.dueTenants(kind, noon, 10);
        await db.command({ profile: 0 });
        const profiled = await db
          .collection("system.profile")
          .find({ op: "command", ns: { $in: tables.map((table) => `${db.databaseName}.${table}`) } })
          .toArray();
        const read = profiled.map((one) => Number(one["keysExamined"]) + Number(one["docsExamined"]));
        await db.collection("system.profile").drop();
        expect(read.length).toBeGreaterThan(0);
        expect(Math.max(...read)).toBeLessThan(20);
      },
    );

    beside({ stored, due });
  });
}
