import type { ModuleDefinition } from "@stellaops/kernel";
import { expect, it } from "vitest";
import { withPostgres } from "../with-postgres.ts";
import type { PostgresRig } from "./postgres-rig.ts";

/**
 * A module's functions that run as their owner, and so bypass the policies, by name with schema: `tenant` when they spell out the tenant,
 * or the reason why they look at all of them.
 */
export type Definers = Readonly<Record<string, "tenant" | { readonly reason: string }>>;

interface Definer {
  readonly name: string;
  readonly config: readonly string[];
  readonly source: string;
  readonly owner: string;
  readonly public: boolean;
}

/** Those that `retain` has made for append-only tables. */
const purgers = ({ schema, aggregates }: ModuleDefinition): readonly string[] =>
  aggregates
    .filter(({ appendOnly, retain }) => appendOnly && retain !== null)
    .flatMap(({ table }) => [`${schema}_app.bury_${table}`, `${schema}_app.purge_${table}`]);

export function definersSuite<R>(rig: () => PostgresRig<R>, module: ModuleDefinition, named: Definers): void {
  const { schema } = module;
  const made: Definers = {
    ...Object.fromEntries(purgers(module).map((name) => [name, "tenant"])),
    [`${schema}_app.refuse_of_frozen`]: { reason: "looks at the roots of the very rows that a statement changed" },
  };
  const known: Definers = { ...made, ...named };
  it("tenancy.functions: those that bypass the policies are known, spell out the tenant, and are no one else's", async () => {
    await withPostgres(rig().database.url, async (client) => {
      const { rows } = await client.query<Definer>(
        `select p.pronamespace::regnamespace || '.' || p.proname as name, p.proconfig as config, p.prosrc as source,
           pg_get_userbyid(p.proowner) as owner, has_function_privilege('public', p.oid, 'execute') as public
         from pg_proc p where p.pronamespace::regnamespace::text = any($1) and p.prosecdef`,
        [[schema, `${schema}_app`]],
      );
      expect(rows.map(({ name }) => name).toSorted()).toEqual(Object.keys(known).toSorted());
      for (const { name, config, source, owner, public: everyone } of rows) {
        const spans = known[name];
        expect({ name, config, everyone }).toEqual({
          name,
          config: ["search_path=pg_catalog, pg_temp"],
          everyone: false,
        });
        expect([name, owner]).not.toEqual([name, `${schema}_app`]);
        const [text, said] = spans === "tenant" ? [source, /require_current_tenant\(\)/] : [spans?.reason, /\w{3}/];
        expect([name, text]).toEqual([name, expect.stringMatching(said)]);
      }
    });
  });
}
