import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import { z as zod } from "zod";
import { byBytes } from "./bytes.ts";
import { dataError, type DataLayerError } from "./errors.ts";
import { id, instant, int, type ColumnOf, type Field, type ValueOf } from "./field.ts";
import { refuseAboveLimit } from "./json.ts";
import { frozenBy, uniqueKey, type Condition, type Is, type PartialKey, type UniqueKey } from "./keys.ts";
import { snake, type Camel, type Snake } from "./names.ts";
import { withRetention, type Retention } from "./retention-rule.ts";
import { softFields } from "./soft.ts";

export interface Fields {
  readonly [name: string]: Field;
}

/** Rows of their own on PostgreSQL, an embedded array on MongoDB. A set is ordered by its key, a list by `ordinal`. */
export interface Child<T extends string = string, F extends Fields = Fields> {
  readonly children: "set" | "list";
  readonly table: T;
  /** Columns that tell one child of a root from another. */
  readonly key: readonly string[];
  readonly fields: F;
}

export interface Shape {
  readonly [name: string]: Field | Child;
}

export const setOf = <const T extends string, F extends Fields>(
  table: T,
  key: readonly (keyof F & string)[],
  fields: F,
): Child<T, F> => ({ children: "set", table, key, fields });

export const listOf = <const T extends string, F extends Fields>(table: T, fields: F): Child<T, F> => ({
  children: "list",
  table,
  key: ["ordinal"],
  fields,
});

type Plain<S> = { [K in keyof S]: S[K] };
export type Values<F extends Fields> = Plain<{ readonly [K in keyof F]: ValueOf<F[K]> }>;
export type Domain<S extends Shape> = Plain<{
  readonly [K in keyof S]: S[K] extends Child<string, infer F> ? readonly Values<F>[] : ValueOf<S[K]>;
}>;

const standard = { id: id(), createdAt: instant(), updatedAt: instant() };
type Standard = typeof standard;

/** A stored field that the application computes from the others at every write of the whole aggregate; no part of the domain type. */
export interface Derived<A = never> {
  readonly field: Field;
  /** The domain field that violations name in its place, and that only a whole put may change. */
  readonly of?: keyof A & string;
  readonly from: (aggregate: A) => unknown;
}

type Named<S, D> = (keyof (S & Standard) & string) | NoInfer<D>;

export interface Rules<S extends Shape, D extends string = never> {
  /** Beside (tenant_id, id): `uq_<table>_<columns>` on PostgreSQL, an index of that name on MongoDB. */
  readonly unique?: readonly (readonly Named<S, D>[] | PartialKey<Named<S, D>, S>)[];
  /** `idx_<table>_<columns>`, tenant first; a path into children is `children.field`. */
  readonly indexes?: readonly (readonly string[])[];
  /** Rows are never changed and never deleted, save by a retention purge. */
  readonly appendOnly?: boolean;
  /** A row that equals it never changes again and is never deleted, save by operators. What replaces it is made anew. */
  readonly frozen?: Is<S>;
  /** Old ones may be purged: what `by` says is older than so many days, and never younger ones. Brings its index. */
  readonly retain?: { readonly by: keyof (S & Standard) & string; readonly least: number };
  /** Throws a typed error for what no field can tell alone: at every write of the whole aggregate, and where documents of others are adopted. */
  readonly refuse?: (aggregate: Domain<S & Standard>) => void;
  readonly derived?: { readonly [K in D]: Derived<Domain<S & Standard>> };
}

export interface Aggregate<T extends string = string, S extends Shape = Shape> {
  readonly module: string;
  readonly table: T;
  /** The singular: `<one>_id` is the children's reference to their root. */
  readonly one: string;
  readonly shape: S & Standard;
  readonly schema: z.ZodType<Domain<S & Standard>>;
  readonly unique: readonly UniqueKey[];
  readonly indexes: readonly (readonly string[])[];
  readonly appendOnly: boolean;
  /** Which rows never change again. */
  readonly frozen: Condition | null;
  readonly retain: Retention | null;
  readonly refuse: ((aggregate: never) => void) | null;
  /** What is deleted stays, marked: the shape has `softFields`. */
  readonly soft: boolean;
  readonly derived: { readonly [name: string]: Derived<never> };
}
export type AggregateOf<A> = A extends Aggregate<string, infer S> ? Domain<S & Standard> : never;

/** What every read gives beside the aggregate. */
export interface Revision {
  /** 1 on insert, one more on each change, continued above a tombstone. */
  readonly revision: bigint;
  /** Whose row it is: the reading tenant, or `@global`. */
  readonly tenantId: string;
}
export type Stored<A> = AggregateOf<A> & Revision;

// Agreement of a definition with the generated database type: every failure is a sentence on the field that disagrees.
type Optional<C> = C extends { readonly __insert__: infer I } ? (undefined extends I ? true : false) : false;
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type Required_<Table, Infra> = {
  [C in keyof Table]: C extends Infra ? never : Optional<Table[C]> extends true ? never : C;
}[keyof Table] &
  string;
type Wrong<Table, K, F, Name extends string> =
  Snake<K> extends keyof Table
    ? Same<ColumnOf<F>, Table[Snake<K>]> extends true
      ? never
      : `column ${Name}.${Snake<K> & string} has another type or nullability`
    : `no column ${Name}.${Snake<K> & string}`;
type Missing<Table, F, Infra> = Exclude<Required_<Table, Infra>, Snake<keyof F>>;
type Ok<Sentence> = [Sentence] extends [never] ? unknown : Sentence;
type WrongChild<DB, Ch, Infra> =
  Ch extends Child<infer T, infer F>
    ? T extends keyof DB
      ? | { [K in keyof F]: Wrong<DB[T], K, F[K], T> }[keyof F]
        | `column ${T}.${Missing<DB[T], F, Infra | "ordinal">} is not described`
      : `no table ${T}`
    : never;
type Agree<DB, T extends keyof DB & string, S, One extends string> = {
  readonly [K in keyof S]: Ok<
    S[K] extends Child ? WrongChild<DB, S[K], "tenant_id" | `${One}_id`> : Wrong<DB[T], K, S[K], T>
  >;
};
type OwnFields<S> = { readonly [K in keyof S as S[K] extends Child ? never : K]: S[K] };
type Covered<Table, F, Name extends string, Infra> = {
  readonly [C in Missing<Table, F, Infra> as Camel<C>]: `column ${Name}.${C} is not described`;
};
type Infrastructure<D> = "tenant_id" | "revision" | Snake<keyof Standard> | Snake<D>;
export type Agreement<DB, T extends keyof DB & string, S, One extends string, D> = Agree<DB, T, S, One> &
  Covered<DB[T], OwnFields<S>, T, Infrastructure<D>>;

/** One per module: `const { aggregate } = definitions<DB>("vuln")`. */
export function definitions<DB>(module: string) {
  return {
    aggregate<
      const T extends keyof DB & string,
      const One extends string,
      S extends Shape,
      const D extends string = never,
    >(
      table: T,
      one: One,
      shape: S & Agreement<DB, T, NoInfer<S>, One, D>,
      rules?: Rules<NoInfer<S>, D>,
    ): Aggregate<T, S> {
      const whole = { ...standard, ...(shape as S) };
      return {
        module,
        table,
        one,
        shape: whole,
        schema: schemaOf(whole) as unknown as z.ZodType<Domain<S & Standard>>,
        unique: (rules?.unique ?? []).map(uniqueKey),
        indexes: withRetention(whole, rules?.indexes ?? [], rules?.retain),
        appendOnly: rules?.appendOnly ?? false,
        frozen: frozenBy(rules?.frozen),
        retain: rules?.retain ?? null,
        refuse: rules?.refuse ?? null,
        soft: (whole as Shape)["deletedAt"] === softFields.deletedAt,
        derived: rules?.derived ?? {},
      };
    },
  };
}

export const isChild = (member: Field | Child): member is Child => "children" in member;
export const members = (shape: Shape) => Object.entries(shape);
export const fieldsOf = (shape: Shape) =>
  members(shape).flatMap(([name, m]) => (isChild(m) ? [] : [{ name, column: snake(name), field: m }]));
export const childrenOf = (shape: Shape) =>
  members(shape).flatMap(([name, m]) => (isChild(m) ? [{ name, child: m }] : []));
export const derivedOf = ({ derived }: Aggregate) =>
  Object.entries(derived).map(([name, { field, of, from }]) => ({ name, column: snake(name), field, of, from }));

/** A derived integer that orders the members of a choice: the first comes first. */
export const rankOf = <const K extends string, const V extends string>(
  of: K,
  order: readonly V[],
): Derived<{ readonly [P in K]: V }> => ({
  field: int(),
  of,
  from: (aggregate) => order.indexOf(aggregate[of]),
});

type Row = Readonly<Record<string, unknown>>;

function schemaOf(shape: Shape): z.ZodType {
  return zod.strictObject(
    Object.fromEntries(members(shape).map(([name, m]) => [name, isChild(m) ? childSchema(m) : m.schema])),
  );
}

/** Lists keep their order; sets are sorted by key, and two that share a key are one if they are equal, refused if not. */
function childSchema(child: Child): z.ZodType {
  const rows = zod.array(schemaOf(child.fields));
  if (child.children === "list") return rows;
  return rows.transform((values, context) => {
    const sorted = (values as readonly Row[]).toSorted((a, b) => byKey(child, a, b));
    return sorted.filter((row, i) => {
      const before = sorted[i - 1];
      if (before === undefined || byKey(child, before, row) !== 0) return true;
      if (!isDeepStrictEqual(before, row))
        context.issues.push({ code: "custom", message: "VALUE_DUPLICATE", path: [i], input: row });
      return false;
    });
  });
}

/** Order of a set of children: by the bytes of their key. */
export function byKey(child: Child, a: Row, b: Row): number {
  for (const name of child.key) {
    const order = byBytes(String(a[name]), String(b[name]));
    if (order !== 0) return order;
  }
  return 0;
}

/**
 * The value as both databases will hold it, or a typed error that names the JSON path: nothing is written before this.
 * @throws family data: `VALUE_…`, with `details.path`, and what the definition refuses
 */
export function normalise<A extends Aggregate>(definition: A, value: unknown): AggregateOf<A> {
  const result = definition.schema.safeParse(withoutRevision(value));
  if (!result.success) throw refusal(definition, result.error.issues);
  refuseAboveLimit(`this ${definition.one}`, result.data);
  definition.refuse?.(result.data as never);
  return result.data as AggregateOf<A>;
}

/** Single fields of an aggregate, for the verbs that change no more than these: the same rules, the same errors. */
export function normalisePart<A extends Aggregate, K extends keyof AggregateOf<A> & string>(
  definition: A,
  values: Pick<AggregateOf<A>, K>,
): Pick<AggregateOf<A>, K> {
  const clean = Object.entries(values).map(([name, value]): [string, unknown] => {
    const member = (definition.shape as Shape)[name];
    if (member === undefined) throw new TypeError(`${definition.table} has no field ${name}`);
    const result = (isChild(member) ? childSchema(member) : member.schema).safeParse(value);
    if (!result.success)
      throw refusal(
        definition,
        result.error.issues.map((issue) => ({ ...issue, path: [name, ...issue.path] })),
      );
    return [name, result.data];
  });
  return Object.fromEntries(clean) as Pick<AggregateOf<A>, K>;
}

/** By which a set of children knows a row: the same rules, the same errors. */
export function normaliseChildKey(definition: Aggregate, children: string, row: Row): Row {
  const child = (definition.shape as Shape)[children];
  if (child === undefined || !isChild(child)) throw new TypeError(`${definition.table} has no children ${children}`);
  const clean = child.key.map((name): [string, unknown] => {
    const result = child.fields[name]?.schema.safeParse(row[name]);
    if (result?.success === true) return [name, result.data];
    const issues = result?.error.issues ?? [];
    throw refusal(
      definition,
      issues.map((issue) => ({ ...issue, path: [children, 0, name, ...issue.path] })),
    );
  });
  return Object.fromEntries(clean);
}

/** The same for what something is looked up by: null, which is equal to nothing on one database and to null on the other, is refused. */
export function normaliseKey<A extends Aggregate, K extends keyof AggregateOf<A> & string>(
  definition: A,
  values: { readonly [F in K]: NonNullable<AggregateOf<A>[F]> },
): { readonly [F in K]: NonNullable<AggregateOf<A>[F]> } {
  const clean = normalisePart(definition, values as Pick<AggregateOf<A>, K>);
  for (const [name, value] of Object.entries(clean))
    if (value === null)
      throw dataError("VALUE_NULL", `${definition.one}: ${name} is null`, { details: { path: name } });
  return clean as { readonly [F in K]: NonNullable<AggregateOf<A>[F]> };
}

/** So that what was read can be changed and put back as it is. */
function withoutRevision(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("revision" in value)) return value;
  const { revision: _revision, tenantId: _tenantId, ...rest } = value as Revision;
  return rest;
}

const sentences: Readonly<Record<string, string>> = {
  VALUE_NUL: "holds U+0000, which PostgreSQL cannot store; remove it",
  VALUE_NOT_WELL_FORMED: "holds half a surrogate pair, which both databases would change silently; repair the text",
  VALUE_TOO_LONG: "is longer than its limit in code points",
  VALUE_ID: "is no UUID in lower case",
  VALUE_CHOICE: "is none of the allowed values",
  VALUE_DATE: "is no valid date",
  VALUE_DATE_RANGE: "is outside the years 1 to 9999",
  VALUE_OUT_OF_RANGE: "does not fit 64 bits",
  VALUE_SCALE: "has more digits after the point than are stored; they are refused, never rounded",
  VALUE_NUMERIC: "is no decimal number",
  VALUE_NOT_FOLDED: "is not folded; pass it through fold()",
  VALUE_NOT_FINITE: "is NaN or infinite, which JSON cannot hold",
  VALUE_UNDEFINED: "is undefined; write null where a value is absent",
  VALUE_NOT_JSON: "is no JSON value",
  VALUE_KEY_RESERVED:
    "holds _bsontype, or a $ref with a point beside an $id, which MongoDB's driver would change; rename",
  VALUE_TOO_DEEP: "is nested more than 90 levels deep",
  VALUE_NULL: "is null",
  SECRET_PLAIN: "is no hash of the form that is stored; hash the secret and pass that",
  VALUE_DUPLICATE: "shares its key with another that differs",
};

function refusal(definition: Aggregate, issues: readonly z.core.$ZodIssue[]): DataLayerError {
  const issue = issues[0];
  const path = issue?.path.map(String).join(".") ?? "";
  const message = issue?.message ?? "";
  const undefinedValue = issue?.code === "invalid_type" && message.endsWith(" undefined");
  const code = undefinedValue
    ? "VALUE_UNDEFINED"
    : /^(VALUE|SECRET)_[A-Z_]+$/.test(message)
      ? message
      : "VALUE_INVALID";
  return dataError(code, `${definition.one}: ${path} ${sentences[code] ?? message}`, { details: { path } });
}
