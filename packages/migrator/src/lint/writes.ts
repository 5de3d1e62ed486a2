import type { Node } from "libpg-query";
import { tableOf, texts, walk } from "./tree.ts";

const mostRows = 10_000;

/** True for what is no write, writes a table of its own file, or says how many rows at most. */
export function isBounded(node: Node, schema: string, own: ReadonlySet<string>): boolean {
  const statement =
    "UpdateStmt" in node
      ? node.UpdateStmt
      : "DeleteStmt" in node
        ? node.DeleteStmt
        : "MergeStmt" in node
          ? node.MergeStmt
          : undefined;
  if (statement !== undefined)
    return (
      own.has(tableOf(statement.relation, schema)) ||
      hasLimit(node) ||
      ("whereClause" in statement && isOneRow(statement.whereClause))
    );
  // INSERT … VALUES is as long as the file; INSERT … SELECT from a table is as long as the table.
  return !("InsertStmt" in node) || hasLimit(node) || [...readsOf(node, schema)].every((table) => own.has(table));
}

/** Tables in FROM, without the names that the statement itself gives in WITH. */
function readsOf(node: Node, schema: string): ReadonlySet<string> {
  const nodes = [...walk(node)];
  const named = new Set(nodes.flatMap(({ kind, value }) => (kind === "CommonTableExpr" ? [value["ctename"]] : [])));
  return new Set(
    nodes.flatMap(({ kind, value }) =>
      kind !== "RangeVar" || (value["schemaname"] === undefined && named.has(value["relname"]))
        ? []
        : [tableOf(value, schema)],
    ),
  );
}

const hasLimit = (node: Node): boolean =>
  [...walk(node)].some(({ kind, value }) => kind === "SelectStmt" && isSmall(value["limitCount"] as Node | undefined));

const isSmall = (limit: Node | undefined): boolean =>
  limit !== undefined && "A_Const" in limit && (limit.A_Const.ival?.ival ?? Infinity) <= mostRows;

/** `id = '…'`, alone or with AND. */
function isOneRow(where: Node | undefined): boolean {
  if (where === undefined) return false;
  if ("BoolExpr" in where && where.BoolExpr.boolop === "AND_EXPR") return (where.BoolExpr.args ?? []).some(isOneRow);
  if (!("A_Expr" in where) || where.A_Expr.kind !== "AEXPR_OP" || texts(where.A_Expr.name).join() !== "=") return false;
  const { lexpr, rexpr } = where.A_Expr;
  const constant =
    rexpr !== undefined && ("A_Const" in rexpr || ("TypeCast" in rexpr && "A_Const" in (rexpr.TypeCast.arg ?? {})));
  return constant && lexpr !== undefined && "ColumnRef" in lexpr && texts(lexpr.ColumnRef.fields).at(-1) === "id";
}
