import { childrenOf, derivedOf, fieldsOf, indexName, type Field, type Kind } from "@stellaops/kernel";
import { withPostgres } from "@stellaops/testkit";
import { vuln } from "@stellaops/vuln";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mongoRig, type MongoRig } from "./mongo-rig.ts";
import { postgresRig, type PostgresRig } from "./postgres-rig.ts";

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

/** Of `vuln`: what is made by hand in the migrations beside what the definitions say. */
const byHand = {
  // The GIN index of the search; MongoDB has idx_advisories_search_words over the same words.
  postgres: ["idx_advisories_search"],
  mongo: ["idx_advisories_search_words"],
};

let postgres: PostgresRig;
let mongo: MongoRig;
const rows = <R extends object>(text: string): Promise<readonly R[]> =>
  withPostgres(postgres.database.url, async (client) => (await client.query<R>(text)).rows);
beforeAll(async () => void ([postgres, mongo] = await Promise.all([postgresRig(), mongoRig()])));
afterAll(() => Promise.all([postgres.close(), mongo.close()]));

/** Each table with the fields its columns hold, roots and children alike. */
const tables = vuln.aggregates.flatMap((aggregate) => [
  {
    table: aggregate.table,
    extra: { tenant_id: 'text collate "C" not null', revision: "bigint not null" },
    fields: [...fieldsOf(aggregate.shape), ...derivedOf(aggregate)],
  },
  ...childrenOf(aggregate.shape).map(({ child }) => ({
    table: child.table,
    extra: {
      tenant_id: 'text collate "C" not null',
      [`${aggregate.one}_id`]: "uuid not null",
      ...(child.children === "list" ? { ordinal: "integer not null" } : {}),
    } as Record<string, string>,
    fields: fieldsOf(child.fields),
  })),
]);

describe("the catalogue and the definitions", () => {
  it("catalogue.tables: exactly those of the definitions", async () => {
    const found = await rows<{ name: string }>(
      "select relname as name from pg_class where relnamespace = 'vuln'::regnamespace and relkind in ('r', 'p') order by relname collate \"C\"",
    );
    expect(found.map(({ name }) => name)).toEqual(
      ["schema_migrations", ...tables.map(({ table }) => table)].toSorted(),
    );
    expect(tables).toHaveLength(13);
  });

  it.each(tables)(
    "catalogue.columns: $table has the types, lengths and collations of its fields",
    async ({ table, fields, extra }) => {
      const found = await rows<{ name: string; type: string }>(
        `select attname as name, format_type(atttypid, atttypmod)
         || coalesce((select ' collate "' || collname || '"' from pg_collation where oid = attcollation), '')
         || case when attnotnull then ' not null' else '' end as type
       from pg_attribute where attrelid = 'vuln.${table}'::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
      );
      const expected = {
        ...extra,
        ...Object.fromEntries(fields.map(({ column, field }) => [column, described(field)])),
      };
      expect(Object.fromEntries(found.map(({ name, type }) => [name, type]))).toEqual(expected);
    },
  );

  it.each(tables)("catalogue.choices: $table allows exactly the members of its choices", async ({ table, fields }) => {
    const checks = await rows<{ name: string; text: string }>(
      `select conname as name, pg_get_constraintdef(oid) as text from pg_constraint where conrelid = 'vuln.${table}'::regclass and contype = 'c'`,
    );
    const found = checks.map(({ name, text }) => [name, [...text.matchAll(/'([^']*)'/g)].map(([, member]) => member)]);
    const choices = fields.filter(({ field }) => field.kind === "choice");
    const expected = choices.map(({ column, field }) => [`ck_${table}_${column}`, field.members]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
  });

  it("catalogue.names: constraints and indexes are named by the rules, tenant first", async () => {
    const constraints = await rows<{ name: string; type: string; table: string; target: string | null; first: string }>(
      `select conname as name, contype as type, c.conrelid::regclass::text as table, nullif(confrelid, 0)::regclass::text as target,
         (select attname from pg_attribute where attrelid = conrelid and attnum = conkey[1]) as first
       from pg_constraint c where connamespace = 'vuln'::regnamespace and contype in ('p', 'u', 'f') and conrelid <> 'vuln.schema_migrations'::regclass`,
    );
    for (const { name, type, table, target, first } of constraints) {
      const short = table.replace("vuln.", "");
      const prefix =
        { p: `pk_${short}`, u: `uq_${short}_`, f: `fk_${short}_${target?.replace("vuln.", "")}` }[type] ?? "";
      expect(type === "u" ? name.slice(0, prefix.length) : name).toBe(prefix);
      expect([name, first]).toEqual([name, "tenant_id"]);
    }
    const indexes = await rows<{ name: string; first: string }>(
      `select i.relname as name, pg_get_indexdef(x.indexrelid, 1, true) as first from pg_index x join pg_class i on i.oid = x.indexrelid
       where i.relnamespace = 'vuln'::regnamespace and x.indrelid <> 'vuln.schema_migrations'::regclass`,
    );
    const byRule = indexes.filter(({ name }) => !byHand.postgres.includes(name));
    expect(byRule.filter(({ name }) => !/^(pk|uq|idx)_/.test(name))).toEqual([]);
    expect(byRule.filter(({ first }) => first !== "tenant_id")).toEqual([]);
  });

  it.each(vuln.aggregates)(
    "catalogue.indexes: those of $table are there on both databases under one name",
    async (aggregate) => {
      const { table } = aggregate;
      const children = childrenOf(aggregate.shape);
      /** An index over children stands on the children's table. */
      const nameOf = (fields: readonly string[]): string => {
        const [name, field] = fields[0]!.split(".");
        const child = field === undefined ? undefined : children.find((one) => one.name === name)?.child;
        return child === undefined
          ? indexName("idx", table, fields)
          : indexName(
              "idx",
              child.table,
              fields.map((path) => path.split(".")[1]!),
            );
      };
      const of = [table, ...children.map(({ child }) => child.table)].map((name) => `'vuln.${name}'::regclass`).join();
      const found = await rows<{ name: string; uq: boolean }>(
        `select i.relname as name, x.indisunique as uq from pg_index x join pg_class i on i.oid = x.indexrelid where x.indrelid in (${of})`,
      );
      const inMongo = (await mongo.mongo.db.collection(table).indexes()).filter(({ name }) => name !== "_id_");
      const uniques = aggregate.unique.map((fields) => indexName("uq", table, fields));
      const uq = (indexes: readonly { name?: string; unique?: boolean }[]) =>
        indexes
          .filter(({ unique }) => unique === true)
          .map(({ name }) => String(name))
          .toSorted();
      const pks = [table, ...children.map(({ child }) => child.table)].map((name) => `pk_${name}`);
      expect(
        found
          .filter((one) => one.uq)
          .map(({ name }) => name)
          .toSorted(),
      ).toEqual([...pks, ...uniques].toSorted());
      expect(uq(inMongo)).toEqual([`pk_${table}`, ...uniques].toSorted());
      const plain = found.filter((one) => !one.uq).map(({ name }) => name);
      const named = aggregate.indexes.map((fields) => nameOf(fields)).filter((name) => !byHand.mongo.includes(name));
      expect(plain.filter((name) => !byHand.postgres.includes(name)).toSorted()).toEqual(named.toSorted());
      const mongoNames = aggregate.indexes.map((fields) => indexName("idx", table, fields));
      expect(
        inMongo
          .filter(({ unique }) => unique !== true)
          .map(({ name }) => String(name))
          .toSorted(),
      ).toEqual(mongoNames.toSorted());
    },
  );
});
