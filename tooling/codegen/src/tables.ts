import {
  camel,
  childrenOf,
  derivedOf,
  fieldsOf,
  indexName,
  snake,
  type Aggregate,
  type Child,
  type Field,
  type Kind,
  type ModuleDefinition,
} from "@stellaops/kernel";

interface Wired extends ModuleDefinition {
  readonly verbs: Readonly<Record<string, Readonly<Record<string, "read" | "write">>>>;
}

/** A module's tables and verbs as a page: what its definitions say, which the migrated schema is checked against. */
export function tablesPage({ name, aggregates, verbs }: Wired): string {
  const children = aggregates.flatMap(({ shape }) => childrenOf(shape));
  return [
    `<!-- Generated from packages/${name}/src/aggregates.ts by \`pnpm codegen\`; never edited. -->`,
    `# Tables and verbs of ${name}`,
    `${aggregates.length + children.length} tables, ${aggregates.length} collections. \`text C\` is \`text collate "C"\`; columns without \`null\` are not null; every table begins with \`tenant_id text C\`, a root also has \`revision bigint\`. All have forced row-level security with four policies. As SQL: [${name}.sql](${name}.sql); what a field means is told in \`packages/${name}/src/aggregates.ts\`, the contract of each verb in \`packages/${name}/src/repositories/\`.`,
    ...aggregates.flatMap((aggregate) => rootOf(aggregate, verbs[camel(aggregate.table)] ?? {})),
    "",
  ].join("\n\n");
}

function rootOf(aggregate: Aggregate, verbs: Wired["verbs"][string]): readonly string[] {
  const { table, one, shape, appendOnly, frozen, unique, indexes } = aggregate;
  const fields = [
    ...fieldsOf(shape),
    ...derivedOf(aggregate).map((derived) => ({ ...derived, name: `${derived.name}, derived` })),
  ];
  const children = childrenOf(shape);
  const names = [
    ...unique.map(
      ({ fields: of, where }) =>
        `\`${indexName("uq", table, of)}\`${where === null ? "" : ` where \`${snake(where.field)}\` is ${where.values.join(" or ")}`}`,
    ),
    ...indexes.map((fieldNames) => `\`${indexName("idx", table, fieldNames)}\``),
  ];
  return [
    `## ${table}${appendOnly ? ", append-only" : ""}${frozen === null ? "" : `, frozen once \`${snake(frozen.field)}\` is ${frozen.values.join(" or ")}`}`,
    `Repository \`${camel(table)}\`: ${verbsOf("read", verbs)}${verbsOf("write", verbs)}`,
    columnsTable(fields),
    ...(names.length === 0 ? [] : [`Beside \`pk_${table}\`: ${names.join(", ")}.`]),
    ...children.flatMap(({ name, child }) => childOf(one, name, child)),
  ];
}

const childOf = (one: string, name: string, child: Child): readonly string[] => [
  `### ${child.table}`,
  `\`${name}\` of ${one}: ${child.children === "list" ? "a list, by `ordinal`" : `a set, by ${child.key.map((key) => `\`${snake(key)}\``).join(", ")}`}; \`${one}_id\` names the root.`,
  columnsTable(fieldsOf(child.fields)),
];

const verbsOf = (kind: "read" | "write", verbs: Wired["verbs"][string]): string => {
  const names = Object.entries(verbs).flatMap(([verb, is]) => (is === kind ? [`\`${verb}\``] : []));
  return names.length === 0 ? "" : `${kind === "read" ? "reads" : "; writes"} ${names.join(" ")}`;
};

const columnsTable = (fields: readonly { readonly name: string; readonly column: string; readonly field: Field }[]) =>
  [
    "| Column | PostgreSQL | | Field |",
    "|---|---|---|---|",
    ...fields.map(
      ({ name, column, field }) =>
        `| ${column} | ${types[field.kind](field)} | ${field.nullable ? "null" : ""} | \`${name}\`: ${kindOf(field)} |`,
    ),
  ].join("\n");

const kindOf = ({ kind, members, max, form }: Field): string =>
  members?.join(" / ") ??
  `${kind}${form === undefined ? "" : `, ${form}`}${max === undefined ? "" : `, at most ${max}`}`;

const types: Readonly<Record<Kind, (field: Field) => string>> = {
  id: () => "uuid",
  text: () => "text C",
  folded: () => "text C",
  choice: () => "text C",
  secret: () => "text C",
  flag: () => "boolean",
  int: () => "integer",
  count: () => "bigint",
  instant: () => "timestamptz(3)",
  numeric: ({ scale }) => `numeric(30,${scale})`,
  set: () => "text[] C",
  list: () => "text[] C",
  json: () => "jsonb",
};
