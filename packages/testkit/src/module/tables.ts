import { childrenOf, derivedOf, fieldsOf, type Aggregate, type Field, type ModuleDefinition } from "@stellaops/kernel";

/** A table as the definitions say: a root, or the children of one. */
export interface DefinedTable {
  readonly table: string;
  /** Columns that no field stands for. */
  readonly extra: Readonly<Record<string, string>>;
  readonly fields: readonly { readonly column: string; readonly field: Field }[];
}

const tenant = { tenant_id: 'text collate "C" not null' };

/** The root's first. */
export const tablesOf = (aggregate: Aggregate): readonly DefinedTable[] => [
  {
    table: aggregate.table,
    extra: { ...tenant, revision: "bigint not null" },
    fields: [...fieldsOf(aggregate.shape), ...derivedOf(aggregate)],
  },
  ...childrenOf(aggregate.shape).map(({ child }) => ({
    table: child.table,
    extra: {
      ...tenant,
      [`${aggregate.one}_id`]: "uuid not null",
      ...(child.children === "list" ? { ordinal: "integer not null" } : {}),
    },
    fields: fieldsOf(child.fields),
  })),
];

export const allTablesOf = ({ aggregates }: Pick<ModuleDefinition, "aggregates">): readonly DefinedTable[] =>
  aggregates.flatMap(tablesOf);
