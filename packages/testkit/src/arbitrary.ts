import { byKey, isChild, members, type Aggregate, type AggregateOf, type Child, type Field } from "@stellaops/kernel";
import fc, { type Arbitrary } from "fast-check";
import {
  countArbitrary,
  instantArbitrary,
  jsonArbitrary,
  numericArbitrary,
  setArbitrary,
  textArbitrary,
} from "./arbitrary-values.ts";

/** One generator a kind; sizes stay below the smallest limit that a definition sets (20 code points). */
const ofKind = {
  id: () => fc.uuid(),
  text: () => textArbitrary(),
  folded: () => textArbitrary().map((text) => text.normalize("NFC").toLowerCase().normalize("NFC").slice(0, 8)),
  secret: ({ form }) => (form === undefined ? textArbitrary() : hashArbitrary(form)),
  choice: ({ members: of = [] }) => fc.constantFrom(...of),
  instant: () => instantArbitrary(),
  count: () => countArbitrary(),
  int: () => fc.integer(),
  numeric: ({ scale = 0 }) => numericArbitrary(scale),
  flag: () => fc.boolean(),
  set: () => setArbitrary(),
  list: () => fc.oneof({ weight: 9, arbitrary: fc.array(textArbitrary(), { maxLength: 5 }) }, longList),
  json: () => jsonArbitrary(),
} satisfies Record<Field["kind"], (field: Field) => Arbitrary<unknown>>;

/** What only looks like a hash: of nothing that anybody could know. */
const hashArbitrary = (form: "phc" | "sha256"): Arbitrary<string> =>
  fc
    .nat({ max: 15 })
    .map((n) => n.toString(16).repeat(form === "sha256" ? 64 : 43))
    .map((hash) => (form === "sha256" ? hash : `$argon2id$v=19$m=19456,p=1,t=2$c2FsdHNhbHRzYWx0$${hash}`));

const longList = fc.constant(Array.from({ length: 300 }, (_, i) => `item ${i % 7}`));

export function fieldArbitrary(field: Field): Arbitrary<unknown> {
  const value: Arbitrary<unknown> = ofKind[field.kind](field);
  return field.nullable ? fc.option(value, { nil: null, freq: 3 }) : value;
}

function childArbitrary(child: Child): Arbitrary<readonly object[]> {
  const row = fc.record(
    Object.fromEntries(Object.entries(child.fields).map(([name, field]) => [name, fieldArbitrary(field)])),
    { noNullPrototype: true },
  );
  if (child.children === "list") return fc.array(row, { maxLength: 3 });
  return fc
    .uniqueArray(row, { maxLength: 5, selector: (value) => JSON.stringify(child.key.map((name) => value[name])) })
    .map((rows) => rows.toSorted((a, b) => byKey(child, a, b)));
}

/**
 * Aggregates as the domain has them once normalised (sets sorted and distinct, decimals in their one form), with values that are nasty
 * to store. `overrides` narrows single fields: to ids and keys of a small pool, so that commands meet.
 */
export function arbitraryOf<A extends Aggregate>(
  definition: A,
  overrides: { readonly [K in keyof AggregateOf<A>]?: Arbitrary<AggregateOf<A>[K]> } = {},
): Arbitrary<AggregateOf<A>> {
  const given = overrides as Readonly<Record<string, Arbitrary<unknown> | undefined>>;
  const fields = members(definition.shape).map(([name, member]) => [
    name,
    given[name] ?? (isChild(member) ? childArbitrary(member) : fieldArbitrary(member)),
  ]);
  return fc.record(Object.fromEntries(fields) as Record<string, Arbitrary<unknown>>, {
    noNullPrototype: true,
  }) as unknown as Arbitrary<AggregateOf<A>>;
}
