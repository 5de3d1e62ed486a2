import type { Node } from "libpg-query";
import type { MigrationFile } from "../files/read.ts";
import type { Statement } from "./parse.ts";

/** How a statement can be repeated when its outcome is unknown, where it cannot run in a transaction. */
export type Outside =
  | { readonly kind: "create-index"; readonly schema: string | undefined; readonly index: string | undefined }
  | { readonly kind: "drop-index" | "reindex" | "vacuum" }
  | { readonly kind: "unsupported"; readonly name: string };

/** Undefined for what can run in a transaction. */
export function outsideOf(node: Node): Outside | undefined {
  if ("IndexStmt" in node && node.IndexStmt.concurrent === true)
    return { kind: "create-index", schema: node.IndexStmt.relation?.schemaname, index: node.IndexStmt.idxname };
  if ("DropStmt" in node && node.DropStmt.concurrent === true) return { kind: "drop-index" };
  if ("ReindexStmt" in node && namesOf(node.ReindexStmt.params).includes("concurrently")) return { kind: "reindex" };
  if ("VacuumStmt" in node && node.VacuumStmt.is_vacuumcmd === true) return { kind: "vacuum" };
  const name = unsupported.find((kind) => kind in node);
  if (name !== undefined) return { kind: "unsupported", name };
  return detaches(node) ? { kind: "unsupported", name: "DETACH PARTITION CONCURRENTLY" } : undefined;
}

/** Cannot run in a transaction, and cannot be told done from not done after a crash; or belong to the cluster. */
const unsupported = [
  "CreatedbStmt",
  "DropdbStmt",
  "CreateTableSpaceStmt",
  "DropTableSpaceStmt",
  "AlterSystemStmt",
  "CreateSubscriptionStmt",
  "DropSubscriptionStmt",
];

const namesOf = (params: readonly Node[] | undefined): readonly string[] =>
  (params ?? []).flatMap((param) => ("DefElem" in param ? [param.DefElem.defname ?? ""] : []));

const detaches = (node: Node): boolean =>
  "AlterTableStmt" in node &&
  (node.AlterTableStmt.cmds ?? []).some(
    (cmd) =>
      "AlterTableCmd" in cmd &&
      cmd.AlterTableCmd.subtype === "AT_DetachPartition" &&
      cmd.AlterTableCmd.def !== undefined &&
      "PartitionCmd" in cmd.AlterTableCmd.def &&
      cmd.AlterTableCmd.def.PartitionCmd.concurrent === true,
  );

/** What would break the runner's promise of one transaction, or of exactly once. */
export function formMistake(file: MigrationFile, { node, sql }: Statement): string | undefined {
  if ("TransactionStmt" in node && !savepoints.includes(node.TransactionStmt.kind ?? ""))
    return "begin and end of the transaction are the runner's; remove the statement";
  if ("VariableSetStmt" in node && node.VariableSetStmt.is_local !== true)
    return "a session setting would leak into the next file; write SET LOCAL";
  const outside = outsideOf(node);
  if (file.mode === "batch") return outside === undefined ? batchMistake(sql, node) : "a batch runs in a transaction";
  if (outside === undefined) return undefined;
  if (outside.kind === "unsupported") return `${outside.name} is not supported in migrations`;
  if (outside.kind === "create-index" && outside.index === undefined)
    return "an index built concurrently needs a name, or a crashed build cannot be found again";
  return file.mode === "statements"
    ? undefined
    : 'cannot run in a transaction; begin the file with "-- stella: no-transaction"';
}

const savepoints = ["TRANS_STMT_SAVEPOINT", "TRANS_STMT_RELEASE", "TRANS_STMT_ROLLBACK_TO"];

/** Takes the size of the batch as $1, and may take the position of the last one as $2. */
function batchMistake(sql: string, node: Node): string | undefined {
  if (!/\$1\b/.test(sql)) return "a batch takes its size as $1, as in LIMIT $1";
  const writes = ["UpdateStmt", "DeleteStmt", "InsertStmt", "MergeStmt"].some((kind) => kind in node);
  if (usesPosition(sql) || writes) return undefined;
  return "a batch is UPDATE, DELETE, INSERT or MERGE; or it takes a position as $2 and answers one row (rows, position)";
}

export const usesPosition = (sql: string): boolean => /\$2\b/.test(sql);
