import {
  byBytes,
  childrenOf,
  count,
  derivedOf,
  fieldsOf,
  snake,
  text,
  type Aggregate,
  type Child,
  type Field,
  type Shape,
} from "@stellaops/kernel";

/** One field of the stored form. */
export interface FieldPlace {
  readonly name: string;
  readonly column: string;
  readonly member: Field;
}

/** Children of the root; their own fields in the order of canonical JSON. */
export interface ChildPlace {
  readonly name: string;
  readonly column: string;
  readonly member: Child;
  readonly fields: readonly FieldPlace[];
}

export type Place = FieldPlace | ChildPlace;

/** Everything that is stored of an aggregate, derived fields, tenant and revision included, in the order of canonical JSON. */
export interface Layout {
  readonly definition: Aggregate;
  readonly places: readonly Place[];
  readonly children: readonly ChildPlace[];
  readonly at: ReadonlyMap<string, number>;
}

export function layoutOf(definition: Aggregate): Layout {
  const places: Place[] = [
    ...placesOf(definition.shape),
    ...childrenOf(definition.shape).map(({ name, child }) => ({
      name,
      column: snake(name),
      member: child,
      fields: placesOf(child.fields),
    })),
    ...derivedOf(definition).map(({ name, column, field }) => ({ name, column, member: field })),
    { name: "tenantId", column: "tenant_id", member: text() },
    { name: "revision", column: "revision", member: count() },
  ];
  places.sort((a, b) => byBytes(a.name, b.name));
  const children = places.filter((place) => "fields" in place);
  return { definition, places, children, at: new Map(places.map(({ name }, i) => [name, i])) };
}

const placesOf = (shape: Shape): readonly FieldPlace[] =>
  fieldsOf(shape)
    .map(({ name, column, field }) => ({ name, column, member: field }))
    .toSorted((a, b) => byBytes(a.name, b.name));

/** The canonical JSON (RFC 8785) of a record, of the canonical texts of its members. */
export const lineOf = ({ places }: Layout, texts: readonly string[]): string =>
  `{${places.map(({ name }, i) => `"${name}":${texts[i]}`).join(",")}}`;
