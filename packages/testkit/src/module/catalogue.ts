import type { ModuleWiring } from "@stellaops/cutover/open";
import { indexName, type Field, type Kind } from "@stellaops/kernel";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withPostgres } from "../with-postgres.ts";
import { plainByRule, postgresIndexes, uniqueByRule } from "./indexes.ts";
import { mongoRig, type MongoRig } from "./mongo-rig.ts";
import { postgresRig, type PostgresRig } from "./postgres-rig.ts";
import { allTablesOf, tablesOf } from "./tables.ts";

/** Type and collation of a column of each kind, as the catalogue tells them. */
const columns: Readonly<Record<Kind, (field: Field) => string>> = {
  id: () => "uuid",
  text: () => 'text collate "C"',
  folded: () => 'text collate "C"',
  choice: () => 'text collate "C"',
  secret: () => 'text collate "C"',
  flag: () => "boolean",
  int: () => "integer",
  count: () => "bigint",
  instant: () => "timestamp(3) with time zone",
  numeric: ({ scale }) => `numeric(30,${scale})`,
  set: () => 'text[] collate "C"',
  list: () => 'text[] collate "C"',
  json: () => "jsonb",
};
const described = (field: Field): string => `${columns[field.kind](field)}${field.nullable ? "" : " not null"}`;

type Reasons = Readonly<Record<string, string>>;

/** What is made by hand beside what the definitions say: names, each with the reason. One that is not there fails. */
export interface ByHand {
  /** Indexes that only the migrations make. */
  readonly postgres?: Reasons;
  /** Indexes of the definitions that only MongoDB has. */
  readonly mongo?: Reasons;
  /** CHECKs beside those of choices. */
  readonly checks?: Reasons;
}

export interface CatalogueOptions<R> {
  readonly wiring: ModuleWiring<R>;
  readonly byHand?: ByHand;
}

/** That tables, columns, constraints and indexes are those of the definitions, on both databases. */
export function catalogueSuite<R>({ wiring, byHand = {} }: CatalogueOptions<R>): void {
  const { schema, aggregates } = wiring;
  const { postgres: onlyPostgres = {}, mongo: onlyMongo = {}, checks: known = {} } = byHand;
  const tables = allTablesOf(wiring);
  let postgres: PostgresRig<R>;
  let mongo: MongoRig<R>;
  beforeAll(async () => void ([postgres, mongo] = await Promise.all([postgresRig(wiring), mongoRig(wiring)])));
  afterAll(() => Promise.all([postgres.close(), mongo.close()]));
  const rows = <Row extends object>(text: string, values: readonly unknown[] = [schema]): Promise<readonly Row[]> =>
    withPostgres(postgres.database.url, async (client) => (await client.query<Row>(text, [...values])).rows);

  describe("the catalogue and the definitions", () => {
    it("catalogue.tables: exactly those of the definitions", async () => {
      const found = await rows<{ name: string }>(
        "select relname as name from pg_class where relnamespace = $1::regnamespace and relkind in ('r', 'p') and not relispartition",
      );
      expect(found.map(({ name }) => name).toSorted()).toEqual(
        ["schema_migrations", ...tables.map(({ table }) => table)].toSorted(),
      );
    });

    it.each(tables)(
      "catalogue.columns: $table has the types, lengths and collations of its fields",
      async ({ table, fields, extra }) => {
        const found = await rows<{ name: string; type: string }>(
          `select attname as name, format_type(atttypid, atttypmod)
             || coalesce((select ' collate "' || collname || '"' from pg_collation where oid = attcollation), '')
             || case when attnotnull then ' not null' else '' end as type
           from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
          [`${schema}.${table}`],
        );
        const defined = fields.map(({ column, field }) => [column, described(field)]);
        expect(Object.fromEntries(found.map(({ name, type }) => [name, type]))).toEqual({
          ...extra,
          ...Object.fromEntries(defined),
        });
      },
    );

    const checks = (of: string): Promise<readonly { name: string; text: string }[]> =>
      rows(
        "select conname as name, pg_get_constraintdef(oid) as text from pg_constraint where conrelid = $1::regclass and contype = 'c'",
        [`${schema}.${of}`],
      );

    it.each(tables)(
      "catalogue.choices: $table allows exactly the members of its choices",
      async ({ table, fields }) => {
        const choices = (await checks(table)).filter(({ name }) => !Object.hasOwn(known, name));
        const found = choices.map(({ name, text }) => [name, [...text.matchAll(/'([^']*)'/g)].map(([, word]) => word)]);
        const expected = fields
          .filter(({ field }) => field.kind === "choice")
          .map(({ column, field }) => [`ck_${table}_${column}`, field.members]);
        expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
      },
    );

    it("catalogue.names: constraints and indexes are named by the rules, tenant first", async () => {
      const constraints = await rows<{ name: string; type: string; table: string; target: string; first: string }>(
        `select conname as name, contype as type, c.relname as table, f.relname as target,
           (select attname from pg_attribute where attrelid = conrelid and attnum = conkey[1]) as first
         from pg_constraint k join pg_class c on c.oid = conrelid left join pg_class f on f.oid = confrelid
         where connamespace = $1::regnamespace and contype in ('p', 'u', 'f') and c.relname <> 'schema_migrations' and not c.relispartition`,
      );
      for (const { name, type, table, target, first } of constraints) {
        const prefix = { p: `pk_${table}`, u: `uq_${table}_`, f: `fk_${table}_${target}` }[type] ?? "";
        expect(type === "u" ? name.slice(0, prefix.length) : name).toBe(prefix);
        expect([name, first]).toEqual([name, "tenant_id"]);
      }
      const names = tables.map(({ table }) => table);
      const indexes = await withPostgres(postgres.database.url, (client) => postgresIndexes(client, schema, names));
      const ruled = indexes.filter(({ name }) => !Object.hasOwn(onlyPostgres, name));
      expect(ruled.filter(({ name }) => !/^(pk|uq|idx)_/.test(name))).toEqual([]);
      expect(ruled.filter(({ columns: [first] }) => first !== "tenant_id")).toEqual([]);
      // What is said to be made by hand is there.
      const plain = aggregates.flatMap(plainByRule).map(({ name }) => name);
      const all = indexes.map(({ name }) => name);
      expect(Object.keys(onlyPostgres).filter((name) => !all.includes(name))).toEqual([]);
      expect(Object.keys(onlyMongo).filter((name) => !plain.includes(name) || all.includes(name))).toEqual([]);
      const checked = await Promise.all(names.map(checks));
      const checkNames = checked.flat().map(({ name }) => name);
      expect(Object.keys(known).filter((name) => !checkNames.includes(name))).toEqual([]);
    });

    it.each(aggregates)(
      "catalogue.indexes: those of $table are there on both databases under one name",
      async (aggregate) => {
        const { table } = aggregate;
        const names = tablesOf(aggregate).map((one) => one.table);
        const found = await withPostgres(postgres.database.url, (client) => postgresIndexes(client, schema, names));
        const keys = found.filter(({ unique, name }) => unique && !names.includes(name.replace(/^pk_/, "")));
        const uniques = uniqueByRule(aggregate).toSorted(byName);
        expect(keys.filter(({ name }) => !Object.hasOwn(onlyPostgres, name))).toEqual(uniques);

        const plain = found.filter(({ unique, name }) => !unique && !Object.hasOwn(onlyPostgres, name));
        const expected = plainByRule(aggregate).filter(({ name }) => !Object.hasOwn(onlyMongo, name));
        const begin = plain.map(({ name, columns: all }) => ({
          name,
          columns: all.slice(0, expected.find((one) => one.name === name)?.columns.length),
        }));
        expect(begin).toEqual(expected.toSorted(byName));

        const inMongo = (await mongo.mongo.db.collection(table).indexes()).filter(({ name }) => name !== "_id_");
        const named = (unique: boolean) =>
          inMongo
            .filter((one) => (one.unique === true) === unique)
            .map(({ name }) => String(name))
            .toSorted();
        expect(named(true)).toEqual([`pk_${table}`, ...uniques.map(({ name }) => name)].toSorted());
        expect(named(false)).toEqual(aggregate.indexes.map((fields) => indexName("idx", table, fields)).toSorted());
      },
    );
  });
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1);
