import { withPostgres } from "@stellaops/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { calls } from "./calls.ts";
import { mongoRig, type MongoRig } from "./mongo-rig.ts";
import { postgresRig, type PostgresRig } from "./postgres-rig.ts";
import { advisory, kevFlag, mergeEvent, noon, opening, source, sourceState } from "./samples.ts";
import type { Rig } from "./store.ts";
import { allowed, operations, roles, tablesOf, tried, type Table } from "./tenancy.ts";
import { watchCommands, type Sent, type Watch } from "./watch.ts";

/** One of everything, children included. */
async function fill(rig: Rig, tenant: string): Promise<void> {
  const scope = rig.at(tenant);
  await scope.sources.put(source(), 0n);
  await scope.sourceStates.put(sourceState(), 0n);
  const snapshot = opening();
  await scope.feedSnapshots.open(snapshot);
  await scope.feedSnapshots.addAdvisories(snapshot.id, [{ advisoryKey: "a", contentHash: "1" }], noon);
  await scope.advisories.ingestBatch([advisory()]);
  await scope.kevFlags.replaceAll([kevFlag()]);
  await scope.mergeEvents.append([mergeEvent()]);
}

describe("PostgreSQL, from its catalogue", () => {
  let rig: PostgresRig;
  let tables: readonly Table[];
  beforeAll(async () => {
    rig = await postgresRig({ registered: true });
    for (const tenant of ["acme", "umbrella", "@global"]) await fill(rig, tenant);
    tables = await tablesOf(rig.database.url);
  });
  afterAll(() => rig.close());

  it("tenancy.tables: all 13 and the register, each with forced row-level security and its four policies", () => {
    expect(tables.map(({ name }) => name)).toHaveLength(14);
    for (const { name, enabled, forced, policies, rows } of tables) {
      const short = name.split(".")[1];
      expect({ name, enabled, forced, policies }).toEqual({
        name,
        enabled: true,
        forced: true,
        policies: ["delete", "insert", "select", "update"].map((verb) => `${short}_${verb} for ${verb}`),
      });
      // The matrix below says nothing about a table without rows of each tenant.
      expect([name, rows]).toEqual([name, ["@global", "acme", "umbrella"]]);
    }
  });

  describe.each(roles)("$name", (role) => {
    it.each(operations)(
      "tenancy.matrix: may $name exactly what the policies say, in every table",
      async (operation) => {
        const attempts = tables.map((table) => ({ table, role, operation }));
        const answers = await withPostgres(rig.database.url, (client) => tried(client, attempts));
        const seen = tables.map(({ name }, i) => [name, answers[i]]);
        expect(Object.fromEntries(seen)).toEqual(
          Object.fromEntries(tables.map((table) => [table.name, allowed(table, role, operation)])),
        );
      },
    );
  });

  it("tenancy.setting: what a committed scope leaves behind is '', and that is no tenant", async () => {
    await withPostgres(rig.appUrl, async (client) => {
      await client.query("begin; select set_config('app.tenant_id', 'acme', true); commit");
      const { rows } = await client.query("select current_setting('app.tenant_id') as left_behind");
      expect(rows).toEqual([{ left_behind: "" }]);
      await expect(client.query("select from vuln.sources")).rejects.toMatchObject({ code: "42501" });
    });
  });

  it("tenancy.roles: services own nothing, bypass nothing, and are no superusers", async () => {
    await withPostgres(rig.database.url, async (client) => {
      const { rows } = await client.query(
        `select rolname, rolsuper, rolbypassrls,
           (select count(*)::int from pg_class where relowner = r.oid and relnamespace = 'vuln'::regnamespace) as owns
         from pg_roles r where rolname in ('vuln_app', 'vuln_app_test', 'vuln_owner') order by rolname`,
      );
      const none = { rolsuper: false, rolbypassrls: false };
      expect(rows.map(({ owns: _owns, ...row }) => row)).toEqual(
        ["vuln_app", "vuln_app_test", "vuln_owner"].map((rolname) => ({ rolname, ...none })),
      );
      expect(rows.filter(({ owns }) => owns > 0).map(({ rolname }) => rolname)).toEqual(["vuln_owner"]);
    });
  });

  it("tenancy.functions: those that bypass the policies are known, spell out the tenant, and are no one else's", async () => {
    await withPostgres(rig.database.url, async (client) => {
      const { rows } = await client.query<{ name: string; config: string[]; public: boolean; source: string }>(
        `select p.oid::regprocedure::text as name, p.proconfig as config, p.prosrc as source,
           has_function_privilege('public', p.oid, 'execute') as public
         from pg_proc p where p.pronamespace in ('vuln'::regnamespace, 'vuln_app'::regnamespace) and p.prosecdef`,
      );
      expect(rows.map(({ name }) => name.split("(")[0])).toEqual(["vuln_app.search_advisories"]);
      for (const { config, source: text, public: everyone } of rows) {
        expect(config).toEqual(["search_path=pg_catalog, pg_temp"]);
        expect(text).toContain("require_current_tenant()");
        expect(everyone).toBe(false);
      }
    });
  });

  it("tenancy.search: the function gives own and shared rows, and none without a tenant", async () => {
    const search = `select tenant_id from vuln_app.search_advisories('''bounds''', 'infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '~', 10)`;
    await withPostgres(rig.appUrl, async (client) => {
      await expect(client.query(search)).rejects.toMatchObject({ code: "42501" });
      for (const [tenant, found] of [
        ["acme", ["@global", "acme"]],
        ["nobody", ["@global"]],
        ["@global", ["@global"]],
      ] as const) {
        await client.query("begin");
        await client.query("select set_config('app.tenant_id', $1, true)", [tenant]);
        const { rows } = await client.query<{ tenant_id: string }>(search);
        await client.query("commit");
        expect(rows.map((row) => row.tenant_id).toSorted()).toEqual(found);
      }
    });
  });
});

describe.each([{ registered: false }, { registered: true }])("MongoDB, registered: $registered", (kind) => {
  let rig: MongoRig;
  let watch: Watch<Sent>;
  beforeAll(async () => {
    rig = await mongoRig(kind);
    watch = watchCommands(rig);
  });
  afterAll(() => rig.close());

  it.each(Object.entries(calls))(
    "%s: names the tenant in every filter and every document",
    async (_verb, { prepare, run }) => {
      const prepared = (await prepare?.(rig.at("acme"), 2)) as never;
      const sent = await watch.during(() => run(rig.at("acme"), 2, prepared));
      expect(sent.length).toBeGreaterThan(0);
      const parts = sent.flatMap(({ name, command }) => filtersOf(name, command));
      expect(parts.filter((part) => tenantsIn(part).includes("nobody"))).toEqual([]);
    },
  );
});

type Loose = Readonly<Record<string, unknown>>;

/** Every filter, pipeline start and document of a command. */
function filtersOf(name: string, command: Loose): readonly Loose[] {
  const list = (field: string, part: string) =>
    (command[field] as readonly Loose[]).map((one) => (part === "" ? one : (one[part] as Loose)));
  switch (name) {
    case "find":
      return [command["filter"] as Loose];
    case "aggregate":
      return pipelineStarts(command["pipeline"] as readonly Loose[]);
    case "insert":
      return list("documents", "");
    case "update":
      return list("updates", "q");
    case "delete":
      return list("deletes", "q");
    case "findAndModify":
      return [command["query"] as Loose];
    case "commitTransaction":
    case "abortTransaction":
      return [];
    default:
      throw new Error(`this test does not know the command ${name}`);
  }
}

function pipelineStarts(pipeline: readonly Loose[]): readonly Loose[] {
  const unions = pipeline.flatMap((stage) => {
    const union = stage["$unionWith"] as { readonly pipeline: readonly Loose[] } | undefined;
    return union === undefined ? [] : pipelineStarts(union.pipeline);
  });
  return [(pipeline[0]?.["$match"] ?? {}) as Loose, ...unions];
}

/** Tenants that a filter or document is bound to; `nobody` when it is bound to none, or to another than the caller's and the shared one. */
function tenantsIn(part: Loose): readonly string[] {
  const and = (part["$and"] as readonly Loose[] | undefined)?.find((one) => "tenantId" in one);
  const bound = part["tenantId"] ?? and?.["tenantId"];
  // The register's documents are found by `<aggregate>/<tenant>/<id>`.
  const keys = part["_id"];
  const named =
    bound === undefined
      ? (typeof keys === "string"
          ? [keys]
          : (((keys as Loose | undefined)?.["$in"] as readonly string[] | undefined) ?? [])
        ).map((key) => key.split("/")[1])
      : typeof bound === "string"
        ? [bound]
        : ((bound as Loose)["$in"] as readonly string[]);
  const known = named.map((tenant) => (tenant === "acme" || tenant === "@global" ? tenant : "nobody"));
  return known.length === 0 ? ["nobody"] : known;
}
