import type { ChildPlace, Layout } from "../layout.ts";
import type { KeyRange, Tables } from "../range.ts";
import { imageSql } from "./forms.ts";

/** A statement and what is bound to it. */
export interface Asked {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What one statement tells of a range of rows. */
export interface PostgresDigest {
  readonly tables: Tables;
  /** Rows and register entries that contradict each other: a row of a deleted key, a live key without row, another revision. */
  readonly contradictions: number;
  /** Rows without an entry. */
  readonly unregistered: number;
}

/** Counts up the parameters of a statement. */
class Parameters {
  readonly values: unknown[] = [];
  add(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

/**
 * Digests of a range's rows, table by table, in the order of each primary key: no join, no row leaves the server. At most one row more
 * than expected is hashed of each table: more rows than that differ anyway.
 */
export function digestStatement(layout: Layout, range: KeyRange, expected: Tables | null): Asked {
  const { module, table, one } = layout.definition;
  const parameters = new Parameters();
  const bounds = boundsOf(range, parameters);
  const limits = expected?.map(({ count }) => parameters.add(count + 1));
  const root = rootColumns(layout);
  const tables = [
    hashed(`"${module}"."${table}" t`, root, bounds("t", ["tenant_id", "id"]), ["tenant_id", "id"], limits?.[0]),
    ...layout.children.map((place, i) => {
      const key = ["tenant_id", `${one}_id`];
      return hashed(
        `"${module}"."${place.member.table}" t`,
        columnsOf(place, one),
        bounds("t", key),
        [...key, ...orderOf(place)],
        limits?.[i + 1],
      );
    }),
  ];
  const register = `(select json_build_array(count(*) filter (where r.id is not null and (r.deleted <> (t.id is null) or r.revision <> t.revision)),
 count(*) filter (where r.id is null)) from (select tenant_id, id, revision from "${module}"."${table}" t where ${bounds("t", ["tenant_id", "id"])}) t
 full join (select tenant_id, id, revision, deleted from cutover.register r where r.module = '${module}' and r.aggregate = '${table}'
 and ${bounds("r", ["tenant_id", "module", "aggregate", "id"], [`'${module}'`, `'${table}'`])}) r on r.tenant_id = t.tenant_id and r.id = t.id)::text`;
  return { text: `select ${[...tables, register].join(",\n")}`, values: parameters.values };
}

const hashed = (
  from: string,
  columns: readonly string[],
  where: string,
  order: readonly string[],
  limit: string | undefined,
): string =>
  `(select json_build_array(count(*), encode(sha256(coalesce(string_agg(h, ''::bytea), ''::bytea)), 'hex')) from (
 select sha256(record_send(row(${columns.join(", ")}))) as h from ${from} where ${where}
 order by ${order.map((column) => `t."${column}"`).join(", ")}${limit === undefined ? "" : ` limit ${limit}`}) hashed)::text`;

const columnsOf = ({ member, fields }: ChildPlace, one: string): readonly string[] => [
  "t.tenant_id",
  `t."${one}_id"`,
  ...(member.children === "list" ? ["t.ordinal"] : []),
  ...fields.map((field) => imageSql(field.member, `t."${field.column}"`)),
];

const orderOf = ({ member, fields }: ChildPlace): readonly string[] =>
  member.children === "list"
    ? ["ordinal"]
    : member.key.map((name) => fields.find((field) => field.name === name)?.column ?? name);

/** The rows of a range, by columns that begin with the tenant and end with the id. */
function boundsOf({ after, upTo, tenant }: KeyRange, parameters: Parameters) {
  const bound = (key: KeyRange["after"]) =>
    key === null ? null : ([parameters.add(key.tenant), parameters.add(key.id)] as const);
  const [low, high] = [bound(after), bound(upTo)];
  const only = tenant === null ? null : parameters.add(tenant);
  return (alias: string, columns: readonly string[], between: readonly string[] = []): string => {
    const row = `(${columns.map((column) => `${alias}."${column}"`).join(", ")})`;
    const at = ([tenantAt, idAt]: readonly [string, string]) =>
      `(${[tenantAt, ...between, `${idAt}::uuid`].join(", ")})`;
    const conditions = [
      ...(low === null ? [] : [`${row} > ${at(low)}`]),
      ...(high === null ? [] : [`${row} <= ${at(high)}`]),
      ...(only === null ? [] : [`${alias}.tenant_id = ${only}`]),
    ];
    return conditions.length === 0 ? "true" : conditions.join(" and ");
  };
}

/**
 * Rows of a range, each with what it weighs, the digest of its tables (as `digestOf` makes it), and whether its register entry contradicts it
 * or is missing.
 */
export function rowsStatement(layout: Layout, range: KeyRange, limit: number): Asked {
  const { module, table, one } = layout.definition;
  const parameters = new Parameters();
  const bounds = boundsOf(range, parameters);
  const root = rootColumns(layout);
  const children = layout.children.map((place, i) => {
    const order = orderOf(place).map((column) => `t."${column}"`);
    return ` cross join lateral (select sha256(coalesce(string_agg(sha256(image), ''::bytea order by n), ''::bytea)) as h, coalesce(sum(octet_length(image)), 0) as bytes
 from (select record_send(row(${columnsOf(place, one).join(", ")})) as image, row_number() over (order by ${order.join(", ")}) as n from "${module}"."${place.member.table}" t
 where t.tenant_id = root.tenant_id and t."${one}_id" = root.id) images) c${i}`;
  });
  const hashes = ["sha256(sha256(root.image))", ...layout.children.map((_, i) => `c${i}.h`)];
  const bytes = ["octet_length(root.image)", ...layout.children.map((_, i) => `c${i}.bytes`)];
  return {
    text: `select root.tenant_id, root.id::text, (${bytes.join(" + ")})::text,
 encode(sha256(convert_to(${hashes.map((hash) => `encode(${hash}, 'hex')`).join(" || ")}, 'UTF8')), 'hex'),
 (r.id is not null and (r.deleted or r.revision <> root.revision))::text, (r.id is null)::text
 from (select t.tenant_id, t.id, t.revision, record_send(row(${root.join(", ")})) as image from "${module}"."${table}" t
 where ${bounds("t", ["tenant_id", "id"])} order by t.tenant_id, t.id limit ${parameters.add(limit)}) root
 left join cutover.register r on r.tenant_id = root.tenant_id and r.module = '${module}' and r.aggregate = '${table}' and r.id = root.id
${children.join("\n")} order by root.tenant_id, root.id`,
    values: parameters.values,
  };
}

const rootColumns = ({ places }: Layout): readonly string[] =>
  places.flatMap((place) => ("fields" in place ? [] : [imageSql(place.member, `t."${place.column}"`)]));

/** Live keys of the register in a range that have no row. */
export function orphansStatement(layout: Layout, range: KeyRange, limit: number): Asked {
  const { module, table } = layout.definition;
  const parameters = new Parameters();
  const bounds = boundsOf(range, parameters);
  return {
    text: `select r.tenant_id, r.id::text from cutover.register r where r.module = '${module}' and r.aggregate = '${table}' and not r.deleted
 and ${bounds("r", ["tenant_id", "module", "aggregate", "id"], [`'${module}'`, `'${table}'`])}
 and not exists (select from "${module}"."${table}" t where t.tenant_id = r.tenant_id and t.id = r.id)
 order by r.tenant_id, r.id limit ${parameters.add(limit)}`,
    values: parameters.values,
  };
}
