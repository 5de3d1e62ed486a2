import { childrenOf, derivedOf, fieldsOf, type Aggregate, type Child } from "@stellaops/kernel";
import { codecOf } from "./codec.ts";
import { changeable } from "./frozen.ts";
import { enter, enterNew, type Slots } from "./register.ts";

/**
 * SQL of the common verbs, made from the definition. `$1` is the tenant everywhere; writes take the aggregates as one JSON array in `$2`,
 * and where the register is kept, generation and pending as `$3` and `$4`.
 */
const slots: Slots = { tenant: "$1", generation: "$3", pending: "$4" };

export interface Column {
  readonly column: string;
  readonly type: string;
}
export const quoted = (columns: readonly { readonly column: string }[], prefix = ""): string =>
  columns.map(({ column }) => `${prefix}"${column}"`).join(", ");
const typed = (columns: readonly Column[]): string =>
  columns.map(({ column, type }) => `"${column}" ${type}`).join(", ");

export const columnsOf = (definition: Aggregate): readonly Column[] =>
  [...fieldsOf(definition.shape), ...derivedOf(definition)].map(({ column, field }) => ({
    column,
    type: codecOf(field.kind).sql,
  }));
export const childColumns = (child: Child): readonly Column[] => [
  ...(child.children === "list" ? [{ column: "ordinal", type: "integer" }] : []),
  ...fieldsOf(child.fields).map(({ column, field }) => ({ column, type: codecOf(field.kind).sql })),
];
const keyOf = (child: Child): readonly string[] =>
  child.children === "list"
    ? ["ordinal"]
    : fieldsOf(child.fields).flatMap(({ name, column }) => (child.key.includes(name) ? [column] : []));

/** Columns of the root, then one JSON array a child table in the children's fixed order; bigint and numeric inside it as text. */
export function wholeColumns({ module, table, one, shape }: Aggregate): string {
  const root = fieldsOf(shape).map(({ column }) => `"${table}"."${column}"`);
  const children = childrenOf(shape).map(({ name, child }) => {
    const pairs = fieldsOf(child.fields).map(
      ({ column, field }) => `'${column}', c."${column}"${codecOf(field.kind).asText === true ? "::text" : ""}`,
    );
    const order = keyOf(child)
      .map((key) => `c."${key}"`)
      .join(", ");
    return `(select coalesce(json_agg(json_build_object(${pairs.join(", ")}) order by ${order}), '[]') from "${module}"."${child.table}" c where c.tenant_id = "${table}".tenant_id and c."${one}_id" = "${table}".id) as "${name}"`;
  });
  return [...root, `"${table}"."tenant_id" as "tenant_id"`, ...children, `"${table}"."revision" as "revision"`].join(
    ", ",
  );
}

export const getText = (definition: Aggregate): string =>
  `select ${wholeColumns(definition)} from "${definition.module}"."${definition.table}"
 where tenant_id in ($1, '@global') and id = $2 order by tenant_id = $1 desc limit 1`;

/** Two sums instead of `tenant_id in (…)`, so that each is an index-only scan of one range. */
export const countText = ({ module, table }: Aggregate): string => {
  const of = (tenant: string) => `(select count(*) from "${module}"."${table}" where tenant_id = ${tenant})`;
  return `select ${of("$1")} + case when $1 = '@global' then 0 else ${of("'@global'")} end as count`;
};

const input = (definition: Aggregate, extra: readonly Column[] = []): string => {
  const columns = [...columnsOf(definition), { column: "revision", type: "bigint" }, ...extra];
  const children = childrenOf(definition.shape).map(({ name }) => `"${name}" json`);
  return `input as (select * from json_to_recordset($2::json) as r(${[typed(columns), ...children].join(", ")}))`;
};

/** Rows of one child table out of the JSON of the roots that were written. */
const childInput = (definition: Aggregate, name: string, child: Child, roots: string, by: string): string =>
  `"${name}_in" as (select root.id as "${definition.one}_id", r.* from ${roots} root join input using (${by}), json_to_recordset(input."${name}") as r(${typed(childColumns(child))}))`;

const childInsert = (definition: Aggregate, name: string, child: Child, conflict: string): string => {
  const list = quoted(childColumns(child));
  return `"${name}_put" as (insert into "${definition.module}"."${child.table}" (tenant_id, "${definition.one}_id", ${list}) select $1, "${definition.one}_id", ${list} from "${name}_in"${conflict})`;
};

/** Children whose key is gone are deleted, the rest upserted: disjoint sets, since one statement cannot touch a row twice. */
function childReplacement(definition: Aggregate, name: string, child: Child): readonly string[] {
  const { module, one } = definition;
  const key = keyOf(child).map((column) => `"${column}"`);
  const rest = childColumns(child)
    .map(({ column }) => `"${column}"`)
    .filter((column) => !key.includes(column));
  const same = key.map((column) => `i.${column} = c.${column}`).join(" and ");
  const changed = rest.map((column) => `${column} = excluded.${column}`).join(", ");
  const action = rest.length === 0 ? "do nothing" : `do update set ${changed}`;
  return [
    `"${name}_gone" as (delete from "${module}"."${child.table}" c using root where c.tenant_id = $1 and c."${one}_id" = root.id and not exists (select from "${name}_in" i where i."${one}_id" = c."${one}_id" and ${same}))`,
    childInsert(definition, name, child, ` on conflict (tenant_id, "${one}_id", ${key.join(", ")}) ${action}`),
  ];
}

const joined = (...ctes: readonly string[]): string => `with ${ctes.join(",\n ")}\n select id, revision from root`;

/**
 * New aggregates. One that is there raises pk_<table>, or, where the register is kept, none gives a row: so that an id which is there is told
 * before a unique key which is, as on MongoDB, where the register comes first too.
 */
export function createText(definition: Aggregate, register: boolean): string {
  const { module, table, shape } = definition;
  const columns = quoted(columnsOf(definition));
  const target = `insert into "${module}"."${table}" (tenant_id, ${columns}, revision)`;
  return joined(
    input(definition),
    ...(register ? [enterNew(definition, "input", slots)] : []),
    register
      ? `root as (${target} select $1, ${quoted(columnsOf(definition), "input.")}, register_in.revision from input join register_in using (id) where (select count(*) from register_in) = (select count(*) from input) returning id, revision)`
      : `root as (${target} select $1, ${columns}, revision from input returning id, revision)`,
    ...childrenOf(shape).flatMap(({ name, child }) => [
      childInput(definition, name, child, "root", "id"),
      childInsert(definition, name, child, ""),
    ]),
  );
}

/** Aggregates that are at the revision below the one they carry; the others give no row. */
export function replaceText(definition: Aggregate, register: boolean): string {
  const { module, table, shape } = definition;
  const sets = [...columnsOf(definition).filter(({ column }) => column !== "id"), { column: "revision" }]
    .map(({ column }) => `"${column}" = input."${column}"`)
    .join(", ");
  return joined(
    input(definition),
    `root as (update "${module}"."${table}" t set ${sets} from input where ${["t.tenant_id = $1", "t.id = input.id", "t.revision = input.revision - 1", ...changeable(definition, "t")].join(" and ")} returning t.id, t.revision)`,
    ...(register ? [enter(definition, "root", false, slots)] : []),
    ...childrenOf(shape).flatMap(({ name, child }) => [
      childInput(definition, name, child, "root", "id"),
      ...childReplacement(definition, name, child),
    ]),
  );
}

/** The aggregate of one id (`$2` is a JSON array of {id, revision}) that is at that revision. */
export function deleteText(definition: Aggregate, register: boolean): string {
  const { module, table } = definition;
  return joined(
    `root as (delete from "${module}"."${table}" t using json_to_recordset($2::json) as input(id uuid, revision bigint) where ${["t.tenant_id = $1", "t.id = input.id", "t.revision = input.revision", ...changeable(definition, "t")].join(" and ")} returning t.id, t.revision + 1 as revision)`,
    ...(register ? [enter(definition, "root", true, slots)] : []),
  );
}

/** True for a register entry `g` that this very transaction has written. */
export const enteredNow = "g.xmin = pg_current_xact_id()::xid";

/** States that another database holds, with their own revisions, where the register has just taken them. */
export function insertStatesText(definition: Aggregate): string {
  const { module, table, shape, appendOnly, frozen } = definition;
  const columns = columnsOf(definition);
  // What never changes is not removed before: a row that is there is that row.
  const conflict = appendOnly || frozen !== null ? " on conflict (tenant_id, id) do nothing" : "";
  const entered = `exists (select from cutover.register g where g.tenant_id = $1 and g.module = '${module}' and g.aggregate = '${table}' and g.id = input.id and ${enteredNow} and g.generation = input.generation and g.revision = input.revision)`;
  return joined(
    input(definition, [{ column: "generation", type: "bigint" }]),
    `root as (insert into "${module}"."${table}" (tenant_id, ${quoted(columns)}, revision) select $1, ${quoted(columns)}, revision from input where ${entered}${conflict} returning id, revision)`,
    ...childrenOf(shape).flatMap(({ name, child }) => [
      childInput(definition, name, child, "root", "id"),
      childInsert(definition, name, child, ""),
    ]),
  );
}
