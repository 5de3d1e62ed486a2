import { z } from "zod";
import { byBytes } from "./bytes.ts";
import { cleanJson, textFault, type Json } from "./json.ts";

/** What a kind of field is in the domain. Codecs, comparer and arbitraries are tables keyed by kind. */
export interface Kinds {
  id: string;
  text: string;
  folded: string;
  choice: string;
  secret: string;
  instant: Date;
  count: bigint;
  int: number;
  numeric: string;
  flag: boolean;
  set: readonly string[];
  list: readonly string[];
  json: unknown;
}
export type Kind = keyof Kinds;

declare const column: unique symbol;

/** `Value` is the domain type; `Column` (never present at run time) the shape that kysely-codegen gives the column. */
export interface Field<out Value = unknown, out Column = unknown> {
  readonly kind: Kind;
  readonly schema: z.ZodType<Value>;
  readonly nullable: boolean;
  /** Digits after the point, of a `numeric`. */
  readonly scale?: number;
  /** The members of a `choice`. */
  readonly members?: readonly string[];
  /** Code points that a text, or each member of a set or list, has at most. */
  readonly max?: number;
  /** Of a `secret`, the form its hash has. */
  readonly form?: "phc" | "sha256";
  readonly [column]?: Column;
}
export type ValueOf<F> = F extends Field<infer V> ? V : never;
export type ColumnOf<F> = F extends { readonly [column]?: infer C } ? Exclude<C, undefined> : never;

export interface Built<Value, Column> extends Field<Value, Column> {
  /** Absent and null are one value in the domain: null. */
  readonly orNull: Field<Value | null, Column | null>;
}

type Extra = Pick<Field, "scale" | "members" | "max" | "form">;
function built<V, C>(kind: Kind, schema: z.ZodType<V>, extra: Extra = {}): Built<V, C> {
  const base = { kind, schema, nullable: false, ...extra };
  return { ...base, orNull: { ...base, schema: schema.nullable(), nullable: true } };
}

/** The column shapes of kysely-codegen, named once (structurally equal to its generated aliases). */
export interface Columns<S, I> {
  readonly __select__: S;
  readonly __insert__: I;
  readonly __update__: I;
}
export type Timestamp = Columns<Date, Date | string>;
export type Int8 = Columns<string, bigint | number | string>;
export type Numeric = Columns<string, number | string>;
/** codegen's recursive `Json`; compared by being one, not structurally. */
export type JsonColumn = JsonColumn[] | { [x: string]: JsonColumn | undefined } | boolean | number | string | null;

/** Code points, which both databases and people count; `length` counts UTF-16 units. */
const codePoints = (text: string): number => {
  let n = 0;
  for (const _ of text) n += 1;
  return n;
};
const fits = (text: string, max: number): boolean => text.length <= max || codePoints(text) <= max;

const wellFormed = (max: number) =>
  z.string().superRefine((text, context) => {
    const fault = textFault(text) ?? (fits(text, max) ? null : "VALUE_TOO_LONG");
    if (fault !== null) context.addIssue({ code: "custom", message: fault });
  });

/** Lower case only: UUIDs are stored as text on MongoDB and would otherwise sort and match differently there. */
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
export const isId = (text: string): boolean => uuid.test(text);
/** The first that both databases store. */
export const firstInstant = Date.parse("0001-01-01T00:00:00.000Z");
const latest = Date.parse("9999-12-31T23:59:59.999Z");
const maxCount = 2n ** 63n - 1n;

export const id = () => built<string, string>("id", z.string().regex(uuid, "VALUE_ID"));
/** `max` in code points. Keep keys that an index holds at 600 or below: 2.7 kB is what a B-tree takes. */
export const text = (max = 1_000_000) => built<string, string>("text", wellFormed(max), { max });
/** Text already folded to lower case by the application (`fold`), for keys that ignore case. */
export const folded = (max = 600) =>
  built<string, string>(
    "folded",
    wellFormed(max).refine((value) => value === fold(value), "VALUE_NOT_FOLDED"),
    { max },
  );
export const fold = (value: string): string => value.normalize("NFC").toLowerCase().normalize("NFC");
/** What is stored of a secret: its argon2id or scrypt hash in PHC form; SHA-256 in hexadecimal where it is random and long. */
const hashes = { phc: /^\$(argon2id|scrypt)\$[\w+/=,.$-]{19,}[\w+/=,.-]$/, sha256: /^[0-9a-f]{64}$/ } as const;
/** Never shown, nor logged. With a form, whatever has another is refused: it may be the secret itself. */
export const secret = (form?: keyof typeof hashes) => {
  const schema = wellFormed(1_000);
  if (form === undefined) return built<string, string>("secret", schema);
  return built<string, string>(
    "secret",
    schema.refine((value) => hashes[form].test(value), "SECRET_PLAIN"),
    { form },
  );
};
export const choice = <const C extends readonly [string, ...string[]]>(...of: C) =>
  built<C[number], string>("choice", z.enum(of, "VALUE_CHOICE"), { members: of });
export const instant = () =>
  built<Date, Timestamp>(
    "instant",
    z.date("VALUE_DATE").refine((at) => at.getTime() >= firstInstant && at.getTime() <= latest, "VALUE_DATE_RANGE"),
  );
export const count = () =>
  built<bigint, Int8>(
    "count",
    z.bigint().refine((n) => n >= -maxCount && n <= maxCount, "VALUE_OUT_OF_RANGE"),
  );
export const int = () =>
  built<number, number>(
    "int",
    z.int32().transform((n) => (n === 0 ? 0 : n)),
  );
/** A decimal as text, with at most `scale` digits after the point (more are refused, never rounded) and 30 in all. */
export const numeric = (scale: number) => {
  const fraction = scale === 0 ? "" : `(\\.\\d{1,${scale}})?`;
  const form = new RegExp(`^-?\\d{1,${30 - scale}}${fraction}$`);
  const schema = z
    .string()
    .superRefine((value, context) => {
      if (form.test(value)) return;
      const message = /^-?\d+\.\d+$/.test(value) ? "VALUE_SCALE" : "VALUE_NUMERIC";
      context.addIssue({ code: "custom", message });
    })
    .transform(decimal);
  return built<string, Numeric>("numeric", schema, { scale });
};
export const flag = () => built<boolean, boolean>("flag", z.boolean());
/** Distinct texts whose order means nothing: stored sorted by their bytes. */
export const set = (max = 10_000) =>
  built<readonly string[], string[]>(
    "set",
    z.array(wellFormed(max)).transform((values) => [...new Set(values)].toSorted(byBytes)),
    { max },
  );
/** Texts whose order means something. */
export const list = (max = 10_000) => built<readonly string[], string[]>("list", z.array(wellFormed(max)), { max });
/** Opaque payload; never filtered, joined or sorted on. Not null at its root: write `json().orNull` for that. */
export const json = <V = Json>(schema?: z.ZodType<V, Json>) => {
  const clean = z.unknown().transform((value, context) => {
    const result = value === null ? { fault: { code: "VALUE_NULL", path: [] } } : cleanJson(value);
    if ("value" in result) return result.value;
    context.issues.push({ code: "custom", message: result.fault.code, path: [...result.fault.path], input: value });
    return z.NEVER;
  });
  return built<V, JsonColumn>("json", (schema === undefined ? clean : clean.pipe(schema)) as unknown as z.ZodType<V>);
};

/** The one form of a decimal: no zeros that say nothing, no negative zero. */
export function decimal(value: string): string {
  const negative = value.startsWith("-");
  const [whole = "0", fraction = ""] = (negative ? value.slice(1) : value).split(".");
  const head = whole.replace(/^0+(?=\d)/, "");
  const tail = fraction.replace(/0+$/, "");
  const digits = tail === "" ? head : `${head}.${tail}`;
  return negative && digits !== "0" ? `-${digits}` : digits;
}
