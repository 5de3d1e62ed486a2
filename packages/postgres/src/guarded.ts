import {
  fieldsOf,
  perAggregate,
  type Aggregate,
  type Guard,
  type GuardedChild,
  type Kind,
  type Register,
} from "@stellaops/kernel";
import type { Statement } from "./batch.ts";
import { codecOf } from "./codec.ts";
import { changeable } from "./frozen.ts";
import { isWrittenOut, literal } from "./literal.ts";
import { enter, type Slots } from "./register.ts";
import { Text } from "./statement.ts";
import { wholeColumns } from "./texts.ts";
import type { Unit } from "./unit.ts";

type Loose = Readonly<Record<string, unknown>>;

/** Texts are made anew for each call and are few: each is hashed once. */
const texts = new Map<string, Text>();
const textOf = (sql: string): Text => {
  let text = texts.get(sql);
  if (text === undefined) texts.set(sql, (text = new Text(sql)));
  return text;
};

/** Gathers parameters; the tenant is `$1`. */
export class Parameters {
  readonly values: unknown[];
  constructor(tenant: string) {
    this.values = [tenant];
  }
  add(kind: Kind, value: unknown): string {
    const { write, sql } = codecOf(kind);
    return this.raw(value === null ? null : kind === "json" ? JSON.stringify(value) : write(value), sql);
  }
  raw(value: unknown, type: string): string {
    this.values.push(value);
    return `$${this.values.length}::${type}`;
  }
  bind(sql: string): Statement {
    return textOf(sql).bind(this.values);
  }
}

interface Column {
  readonly name: string;
  readonly column: string;
  readonly kind: Kind;
}
export const columnFor = perAggregate(({ shape }): ((name: string) => Column) => {
  const revision = { name: "revision", column: "revision", kind: "count" } as const;
  const known = new Map<string, Column>([["revision", revision]]);
  for (const { name, column, field } of fieldsOf(shape)) known.set(name, { name, column, kind: field.kind });
  return (name) => {
    const found = known.get(name);
    if (found === undefined) throw new TypeError(`there is no column of ${name}`);
    return found;
  };
});
export const returned = perAggregate(wholeColumns);

/** A guarded change of one root. With children the root is locked first, so that the change sees what the one before it left. */
export function guardedStatements(
  definition: Aggregate,
  guard: Guard,
  { tenant, register }: Unit,
): readonly Statement[] {
  const { module, table } = definition;
  const name = `"${module}"."${table}"`;
  const of = columnFor(definition);
  const params = new Parameters(tenant);
  const equal = (to: Parameters, values: Loose): readonly string[] =>
    Object.entries(values).map(([field, value]) => {
      const { column, kind } = of(field);
      if (isWrittenOut(kind) && guard.identity.includes(field)) return `"${column}" = ${literal(value)}`;
      return value === null ? `"${column}" is null` : `"${column}" = ${to.add(kind, value)}`;
    });
  const differ = Object.entries(guard.unless).map(([field, value]) => {
    const { column, kind } = of(field);
    return value === null ? `"${column}" is not null` : `"${column}" is distinct from ${params.add(kind, value)}`;
  });
  const sets = Object.entries(guard.set).map(([field, value]) => {
    const { column, kind } = of(field);
    return `"${column}" = ${params.add(kind, value)}`;
  });
  const adds = Object.entries(guard.add).map(([field, value]) => {
    const { column, kind } = of(field);
    return `"${column}" = "${column}" + ${params.add(kind, value)}`;
  });
  const where = ["tenant_id = $1", ...equal(params, guard.where), ...differ, ...changeable(definition, `"${table}"`)];
  const child = guard.child === null ? null : childSql(definition, guard.child, params);
  const update = `update ${name} set ${[...sets, ...adds, "revision = revision + 1"].join(", ")} where ${[...where, ...(child?.guard ?? [])].join(" and ")} returning ${returned(definition)}`;
  const ctes = child === null ? [] : [child.change];
  const changed = changeStatement(definition, { change: update, ctes, params, register });
  if (child === null) return [changed];
  const locking = new Parameters(tenant);
  const identity = Object.fromEntries(guard.identity.map((field) => [field, guard.where[field]]));
  const lock = `select from ${name} where ${["tenant_id = $1", ...equal(locking, identity)].join(" and ")} for update`;
  return [locking.bind(lock), changed];
}

interface Changing {
  /** Returns at least id and revision. */
  readonly change: string;
  /** Further ones, which may read `changed`. */
  readonly ctes?: readonly string[];
  readonly params: Parameters;
  readonly register: Register | null;
  /** What it gives is gone; false when left out. */
  readonly deleted?: boolean;
}

/** A change, entered in the register as it returns where one is kept. */
export function changeStatement(
  definition: Aggregate,
  { change, ctes = [], params, register, deleted = false }: Changing,
): Statement {
  return params.bind(changeText(definition, { change, ctes, slots: registerSlots(params, register), deleted }));
}

export function registerSlots(params: Parameters, register: Register | null): Slots | null {
  if (register === null) return null;
  const generation = params.raw(register.generation, "bigint");
  return { tenant: "$1", generation, pending: params.raw(register.pending, "boolean") };
}

interface ChangeParts {
  readonly change: string;
  readonly ctes: readonly string[];
  readonly slots: Slots | null;
  readonly deleted?: boolean;
}

export function changeText(definition: Aggregate, { change, ctes, slots, deleted = false }: ChangeParts): string {
  const entered = slots === null ? [] : [enter(definition, "changed", deleted, slots)];
  const all = [`changed as (${change})`, ...ctes, ...entered];
  return all.length === 1 ? change : `with ${all.join(",\n ")}\n select * from changed`;
}

interface ChildSql {
  /** Predicates of the root. */
  readonly guard: readonly string[];
  /** A CTE beside `changed`. */
  readonly change: string;
}

function childSql(definition: Aggregate, { name, child, put, key, when }: GuardedChild, params: Parameters): ChildSql {
  const { module, table, one } = definition;
  const target = `"${module}"."${child.table}"`;
  const root = `"${one}_id"`;
  const fields = fieldsOf(child.fields);
  const keys = fields.filter((field) => field.name in key);
  // Only where it is used: a parameter that no text names has no type.
  const same = (): readonly string[] =>
    keys.map(({ name: field, column, field: { kind } }) => `c."${column}" = ${params.add(kind, key[field])}`);
  const its = (): string => ["c.tenant_id = $1", `c.${root} = "${table}".id`, ...same()].join(" and ");
  const guard =
    when === null ? [] : [`${when === "absent" ? "not " : ""}exists (select from ${target} c where ${its()})`];
  if (put === null) {
    const gone = ["c.tenant_id = $1", `c.${root} = changed.id`, ...same()].join(" and ");
    return { guard, change: `"${name}_gone" as (delete from ${target} c using changed where ${gone})` };
  }
  return { guard, change: childPut(definition, { name, child, put, key, when }, params) };
}

/** Puts a row beside each root in `changed`: at the end of a list, or in a set in the place of the one with its key. */
export function childPut(definition: Aggregate, { name, child, put, key }: GuardedChild, params: Parameters): string {
  const { module, one } = definition;
  const target = `"${module}"."${child.table}"`;
  const root = `"${one}_id"`;
  const fields = fieldsOf(child.fields);
  const values = fields.map(({ name: field, field: { kind } }) => params.add(kind, put?.[field] ?? null));
  const columns = fields.map(({ column }) => `"${column}"`);
  if (child.children === "list")
    return `"${name}_put" as (insert into ${target} (tenant_id, ${root}, ordinal, ${columns.join(", ")}) select $1, changed.id, (select coalesce(max(c.ordinal) + 1, 0) from ${target} c where c.tenant_id = $1 and c.${root} = changed.id), ${values.join(", ")} from changed)`;
  const by = fields.flatMap(({ name: field, column }) => (field in key ? [`"${column}"`] : []));
  const rest = columns.filter((column) => !by.includes(column)).map((column) => `${column} = excluded.${column}`);
  const action = rest.length === 0 ? "do nothing" : `do update set ${rest.join(", ")}`;
  return `"${name}_put" as (insert into ${target} (tenant_id, ${root}, ${columns.join(", ")}) select $1, changed.id, ${values.join(", ")} from changed on conflict (tenant_id, ${root}, ${by.join(", ")}) ${action})`;
}
