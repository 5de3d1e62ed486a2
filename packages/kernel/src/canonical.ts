import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { isChild, members, type Aggregate, type AggregateOf, type Shape } from "./aggregate.ts";
import { byBytes } from "./bytes.ts";
import { decimal, type Kind } from "./field.ts";
import type { Json } from "./json.ts";

/** RFC 8785. Equal values give equal bytes. */
export const canonicalJson = (value: Json): string => canonicalize(value) ?? "null";

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The one JSON form of each kind: compared, hashed and shown from here. */
const canon = {
  id: String,
  text: String,
  folded: String,
  choice: String,
  secret: String,
  flag: Boolean,
  int: Number,
  count: String,
  instant: (v) => (v as Date).toISOString(),
  numeric: (v) => decimal(String(v)),
  set: (v) => (v as readonly string[]).toSorted(byBytes),
  list: (v) => [...(v as readonly string[])],
  json: (v) => v as Json,
} satisfies Record<Kind, (value: unknown) => Json>;

export function canonical(shape: Shape, value: object): { readonly [name: string]: Json } {
  const from = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    members(shape).map(([name, m]): [string, Json] => {
      const v = from[name];
      if (!isChild(m)) return [name, v === null || v === undefined ? null : canon[m.kind](v)];
      return [name, (v as readonly object[]).map((row) => canonical(m.fields, row))];
    }),
  );
}

/** SHA-256 of the canonical form, hexadecimal: equal on both databases for equal aggregates. */
export const hashOf = <A extends Aggregate>(definition: A, value: AggregateOf<A>): string =>
  sha256(canonicalJson(canonical(definition.shape, value)));

export interface Difference {
  readonly path: string;
  readonly left: unknown;
  readonly right: unknown;
}

/** Paths at which two states of one aggregate differ; payloads and children are shown as a digest, secrets not at all. */
export function compare<A extends Aggregate>(
  { shape }: A,
  left: AggregateOf<A>,
  right: AggregateOf<A>,
): readonly Difference[] {
  return differences(shape, canonical(shape, left), canonical(shape, right));
}

/** The same over canonical forms. Names outside the shape are differences too. */
export function differences(
  shape: Shape,
  left: Readonly<Record<string, Json | undefined>>,
  right: Readonly<Record<string, Json | undefined>>,
): readonly Difference[] {
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].toSorted(byBytes).flatMap((path) => {
    const [l, r] = [left[path], right[path]];
    if (l !== undefined && r !== undefined && canonicalJson(l) === canonicalJson(r)) return [];
    return [{ path, left: show(shape[path], l), right: show(shape[path], r) }];
  });
}

function show(member: Shape[string] | undefined, value: Json | undefined): unknown {
  if (value === undefined) return "absent";
  if (value === null) return null;
  const kind = member === undefined || isChild(member) ? undefined : member.kind;
  // Not even a digest: what is weak could be guessed by it.
  if (kind === "secret") return "secret";
  const open = kind !== undefined && kind !== "json";
  return open ? value : `sha256:${sha256(canonicalJson(value)).slice(0, 12)}`;
}
