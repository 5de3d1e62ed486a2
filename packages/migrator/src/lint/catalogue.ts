import type { A_Const, AlterTableCmd, ColumnDef, Constraint, CreateStmt, FuncCall, IndexStmt, Node } from "libpg-query";
import type { MigrationFile } from "../files/read.ts";
import type { Statement } from "../sql/parse.ts";
import type { ParsedFile } from "./finding.ts";
import { objectsOf, tableOf, texts, walk } from "./tree.ts";

export interface At {
  readonly file: MigrationFile;
  readonly statement: Statement;
}

/** What all files together make of one table. */
export interface Table extends At {
  readonly name: string;
  readonly columns: ReadonlyMap<string, ColumnDef>;
  /** Takes its columns from elsewhere: a partition, LIKE, INHERITS. */
  readonly borrowed: boolean;
  readonly constraints: (At & { readonly constraint: Constraint })[];
  readonly indexes: (At & { readonly index: IndexStmt })[];
  readonly policies: Set<string>;
  enabled: boolean;
  forced: boolean;
}

export interface CatalogueOptions {
  readonly schema: string;
  /** Functions, with schema, that protect the table named in their arguments. */
  readonly helpers: readonly string[];
}

export const commands = ["select", "insert", "update", "delete"] as const;

/** Reads the files in order, as the server would. */
export function catalogue(files: readonly ParsedFile[], options: CatalogueOptions): readonly Table[] {
  const tables = new Map<string, Table>();
  for (const { file, statements } of files)
    for (const statement of statements) read(tables, { file, statement }, options);
  return [...tables.values()];
}

function read(tables: Map<string, Table>, at: At, options: CatalogueOptions): void {
  const { node } = at.statement;
  const { schema } = options;
  if ("CreateStmt" in node) create(tables, at, node.CreateStmt, schema);
  else if ("DropStmt" in node) for (const name of objectsOf(node.DropStmt.objects, schema)) tables.delete(name);
  else if ("IndexStmt" in node)
    tables.get(tableOf(node.IndexStmt.relation, schema))?.indexes.push({ ...at, index: node.IndexStmt });
  else if ("CreatePolicyStmt" in node) {
    const { table, cmd_name = "all", permissive } = node.CreatePolicyStmt;
    if (permissive === true) tables.get(tableOf(table, schema))?.policies.add(cmd_name);
  } else if ("AlterTableStmt" in node) {
    const table = tables.get(tableOf(node.AlterTableStmt.relation, schema));
    for (const cmd of node.AlterTableStmt.cmds ?? [])
      if (table !== undefined && "AlterTableCmd" in cmd) alter(table, at, cmd.AlterTableCmd);
  } else if ("DoStmt" in node) block(tables, JSON.stringify(node.DoStmt), options.helpers);
  else if ("SelectStmt" in node || "CallStmt" in node)
    for (const name of protectedBy(node, options)) protect(tables.get(name));
}

function create(tables: Map<string, Table>, at: At, stmt: CreateStmt, schema: string): void {
  const name = tableOf(stmt.relation, schema);
  if (!name.startsWith(`${schema}.`) || stmt.relation?.relpersistence === "t" || tables.has(name)) return;
  const elements = stmt.tableElts ?? [];
  const columns = elements.flatMap((one) => ("ColumnDef" in one ? [one.ColumnDef] : []));
  const own = elements.flatMap((one) => ("Constraint" in one ? [one.Constraint] : []));
  const inline = columns.flatMap((column) =>
    (column.constraints ?? []).flatMap((one) =>
      "Constraint" in one ? [withKeys(one.Constraint, column.colname ?? "")] : [],
    ),
  );
  tables.set(name, {
    ...at,
    name,
    columns: new Map(columns.map((column) => [column.colname ?? "", column])),
    borrowed: (stmt.inhRelations ?? []).length > 0 || elements.some((one) => "TableLikeClause" in one),
    constraints: [...own, ...inline].map((constraint) => ({ ...at, constraint })),
    indexes: [],
    policies: new Set(),
    enabled: false,
    forced: false,
  });
}

/** A constraint written behind its column names no key. */
const withKeys = (constraint: Constraint, column: string): Constraint => {
  const keys = [{ String: { sval: column } }];
  return { keys, fk_attrs: keys, ...constraint };
};

function alter(table: Table, at: At, { subtype, def }: AlterTableCmd): void {
  if (subtype === "AT_EnableRowSecurity") table.enabled = true;
  if (subtype === "AT_DisableRowSecurity") table.enabled = false;
  if (subtype === "AT_ForceRowSecurity") table.forced = true;
  if (subtype === "AT_NoForceRowSecurity") table.forced = false;
  if (subtype === "AT_AddConstraint" && def !== undefined && "Constraint" in def)
    table.constraints.push({ ...at, constraint: def.Constraint });
}

function protect(table: Table | undefined): void {
  if (table === undefined) return;
  table.enabled = true;
  table.forced = true;
  for (const command of commands) table.policies.add(command);
}

/** A block that makes policies protects the tables it names, or all so far when it walks the server's catalogue. */
function block(tables: ReadonlyMap<string, Table>, body: string, helpers: readonly string[]): void {
  const byItself = /create policy/i.test(body) && /row level security/i.test(body);
  if (!byItself && !helpers.some((helper) => body.includes(`${helper}(`))) return;
  const all = /pg_tables|pg_class|information_schema/i.test(body);
  for (const table of tables.values()) {
    const [, name = ""] = table.name.split(".");
    if (all || new RegExp(`\\b${name}\\b`).test(body)) protect(table);
  }
}

/** Tables named in calls of the helpers, by SELECT or CALL. */
function protectedBy(node: Node, { schema, helpers }: CatalogueOptions): readonly string[] {
  const calls =
    "CallStmt" in node
      ? [node.CallStmt.funccall ?? {}]
      : [...walk(node)].flatMap(({ kind, value }): readonly FuncCall[] => (kind === "FuncCall" ? [value] : []));
  return calls
    .filter(({ funcname }) => helpers.includes(texts(funcname).join(".")))
    .flatMap(({ args }) => [...walk(args)])
    .flatMap(({ kind, value }) => {
      const text = kind === "A_Const" ? (value as A_Const).sval?.sval : undefined;
      return text === undefined ? [] : [text.includes(".") ? text : `${schema}.${text}`];
    });
}

/** Columns of a constraint. */
export const keysOf = ({ contype, keys, fk_attrs }: Constraint): readonly string[] =>
  texts(contype === "CONSTR_FOREIGN" ? fk_attrs : keys);
