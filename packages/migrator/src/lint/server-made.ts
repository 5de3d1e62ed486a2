import type { ColumnDef, Node } from "libpg-query";
import { warning, type Remark } from "./finding.ts";
import { texts, walk } from "./tree.ts";

/** Would differ between the two databases, and between two runs of one suite. */
const servers =
  /^(?:now|clock_timestamp|transaction_timestamp|statement_timestamp|gen_random_uuid|uuid\w*|nextval|random|txid_current|pg_current_xact_id)$/;

export function serverMadeRemarks(node: Node): readonly Remark[] {
  if (!["CreateStmt", "AlterTableStmt", "InsertStmt", "UpdateStmt"].some((kind) => kind in node)) return [];
  return [...walk(node)].flatMap(({ kind, value }) => {
    const location = value["location"] as number | undefined;
    if (kind === "SQLValueFunction") return [made("the server's clock or session", location)];
    if (kind === "FuncCall") {
      const name = texts(value["funcname"] as Node[]).at(-1) ?? "";
      return servers.test(name) ? [made(`${name}()`, location)] : [];
    }
    if (kind === "ColumnDef") return columnRemarks(value);
    return kind === "Constraint" && value["contype"] === "CONSTR_IDENTITY" ? [made("an identity", location)] : [];
  });
}

const made = (what: string, location?: number): Remark =>
  warning(
    "server-made",
    `${what} makes a value in the server; ids and times are made once, in the application`,
    location,
  );

function columnRemarks({ colname = "", typeName, location }: ColumnDef): readonly Remark[] {
  const type = texts(typeName?.names).at(-1) ?? "";
  if (/serial/.test(type)) return [made(`${colname} ${type}`, location)];
  const milliseconds = (typeName?.typmods ?? []).some((one) => "A_Const" in one && one.A_Const.ival?.ival === 3);
  if (type === "timestamp" || (type === "timestamptz" && !milliseconds))
    return [warning("time-precision", `${colname} is not timestamptz(3), what both databases can hold`, location)];
  return [];
}
