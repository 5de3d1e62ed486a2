import type { Field, ValueOf } from "./field.ts";

/** What a condition that both databases hold can be over: a choice or a flag, never null. */
type Conditional<S> = {
  [K in keyof S & string]: S[K] extends Field<infer V>
    ? [V] extends [string | boolean]
      ? string extends V
        ? never
        : K
      : never
    : never;
}[keyof S & string];

/** One field, and which values of it. */
export type Where<S> = {
  [K in Conditional<S>]: { readonly [P in K]: readonly ValueOf<S[K]>[] };
}[Conditional<S>];
/** One field, and its value. */
export type Is<S> = { [K in Conditional<S>]: { readonly [P in K]: ValueOf<S[K]> } }[Conditional<S>];

/** A key among those rows only whose field `where` names has one of these values: one open incident, any number of resolved ones. */
export interface PartialKey<Name extends string, S> {
  readonly fields: readonly Name[];
  readonly where: Where<S>;
}

/** Which rows: those whose field has one of these values. */
export interface Condition {
  readonly field: string;
  readonly values: readonly (string | boolean)[];
}

/** A unique key as a definition has it. `where` is null where it holds for every row. */
export interface UniqueKey {
  readonly fields: readonly string[];
  readonly where: Condition | null;
}

type Given = readonly string[] | { readonly fields: readonly string[]; readonly where: object };

export const uniqueKey = (given: Given): UniqueKey =>
  "fields" in given ? { fields: given.fields, where: conditionOf(given.where) } : { fields: given, where: null };

/** Rows that equal it never change again; null where there are none. */
export const frozenBy = (is: object | undefined): Condition | null =>
  is === undefined
    ? null
    : conditionOf(Object.fromEntries(Object.entries(is).map(([field, value]) => [field, [value]])));

function conditionOf(where: object): Condition {
  const [entry, ...others] = Object.entries(where) as [string, readonly (string | boolean)[]][];
  if (entry === undefined || others.length > 0 || entry[1].length === 0)
    throw new TypeError("a condition names one field and its values");
  return { field: entry[0], values: entry[1] };
}

/** Whether a row is one of those. */
export const meets = ({ field, values }: Condition, row: object): boolean =>
  values.includes((row as Readonly<Record<string, string | boolean>>)[field] ?? "");
