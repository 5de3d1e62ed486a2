import { derivedOf, fieldsOf, indexName, type Aggregate } from "@stellaops/kernel";

export interface IndexDefinition {
  readonly name: string;
  readonly key: Readonly<Record<string, 1 | -1>>;
  readonly unique?: true;
  readonly partialFilterExpression?: Readonly<Record<string, unknown>>;
}

/**
 * The indexes of an aggregate's collection, named as PostgreSQL's. Tenant first, id last (it ends every order).
 * Unique keys over nullable fields are partial, so that several nulls are allowed as on PostgreSQL; those of soft aggregates hold live ones.
 */
export function indexesOf(definition: Aggregate): readonly IndexDefinition[] {
  const { table, shape, unique, indexes, soft } = definition;
  const all = [...fieldsOf(shape), ...derivedOf(definition)];
  const nullable = new Set(all.flatMap(({ name, field }) => (field.nullable ? [name] : [])));
  return [
    { name: `pk_${table}`, key: { tenantId: 1, id: 1 }, unique: true },
    ...unique.map(({ fields, where }): IndexDefinition => {
      const present = fields
        .filter((field) => nullable.has(field))
        .map((field): [string, unknown] => [field, { $type: ["string", "date", "long"] }]);
      const partial = [
        ...present,
        ...(soft ? [["deletedAt", null] as const] : []),
        ...(where === null ? [] : [[where.field, { $in: where.values }] as const]),
      ];
      return {
        name: indexName("uq", table, fields),
        key: keyOf(fields),
        unique: true,
        ...(partial.length === 0 ? {} : { partialFilterExpression: Object.fromEntries(partial) }),
      };
    }),
    ...indexes.map((fields) => ({ name: indexName("idx", table, fields), key: { ...keyOf(fields), id: 1 as const } })),
  ];
}

const keyOf = (fields: readonly string[]): Readonly<Record<string, 1>> =>
  Object.fromEntries([["tenantId", 1], ...fields.map((field) => [field, 1])]);
