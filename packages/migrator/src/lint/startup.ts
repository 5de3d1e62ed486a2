import type { DropStmt, Node } from "libpg-query";
import { alterRemarks } from "./alter-table.ts";
import { error, warning, type Remark } from "./finding.ts";
import { objectsOf, tableOf } from "./tree.ts";
import { isBounded } from "./writes.ts";

/** What a startup statement must not do to what was there before its file. `own`: made by the same file. */
export function startupRemarks(node: Node, schema: string, own: ReadonlySet<string>): readonly Remark[] {
  if ("AlterTableStmt" in node) {
    const table = tableOf(node.AlterTableStmt.relation, schema);
    if (own.has(table)) return [];
    return (node.AlterTableStmt.cmds ?? []).flatMap((cmd) =>
      "AlterTableCmd" in cmd ? alterRemarks(table, cmd.AlterTableCmd) : [],
    );
  }
  if ("DropStmt" in node) return drop(node.DropStmt, schema, own);
  if ("RenameStmt" in node || "AlterObjectSchemaStmt" in node) {
    const { relation } = "RenameStmt" in node ? node.RenameStmt : node.AlterObjectSchemaStmt;
    const table = tableOf(relation, schema);
    return own.has(table)
      ? []
      : [
          error(
            "rename",
            `renaming or moving ${relation === undefined ? "an object" : table} breaks services of the release before; add the new name beside the old one`,
          ),
        ];
  }
  if ("IndexStmt" in node) {
    const table = tableOf(node.IndexStmt.relation, schema);
    if (node.IndexStmt.concurrent === true || own.has(table)) return [];
    return [
      error(
        "index-lock",
        `${table}: building ${node.IndexStmt.idxname ?? "an index"} keeps writers out; CREATE INDEX CONCURRENTLY in a file that begins with "-- stella: no-transaction"`,
      ),
    ];
  }
  if ("TruncateStmt" in node)
    return [error("unbounded-write", "TRUNCATE empties a table under an exclusive lock; make it a release migration")];
  if (!isBounded(node, schema, own))
    return [
      error(
        "unbounded-write",
        "a startup migration touches at most 10,000 rows; bound it with LIMIT, or make it a data migration (DM)",
      ),
    ];
  const lock = locking(node);
  if (lock !== undefined)
    return [
      error("exclusive-lock", `${lock} takes an exclusive lock for as long as it runs; make it a release migration`),
    ];
  return "DoStmt" in node
    ? [warning("opaque", "what a DO block does is not checked; keep to the limits of a startup migration")]
    : [];
}

const dropsBreak: readonly string[] = [
  "OBJECT_TABLE",
  "OBJECT_VIEW",
  "OBJECT_MATVIEW",
  "OBJECT_SCHEMA",
  "OBJECT_TYPE",
  "OBJECT_DOMAIN",
  "OBJECT_FUNCTION",
  "OBJECT_SEQUENCE",
];

function drop(
  { objects, removeType, concurrent }: DropStmt,
  schema: string,
  own: ReadonlySet<string>,
): readonly Remark[] {
  const names = objectsOf(objects, schema).filter((name) => !own.has(name));
  if (names.length === 0) return [];
  if (removeType === "OBJECT_INDEX" && concurrent !== true)
    return [
      error(
        "index-lock",
        `dropping ${names.join(", ")} locks its table; DROP INDEX CONCURRENTLY in a file that begins with "-- stella: no-transaction"`,
      ),
    ];
  if (removeType === undefined || !dropsBreak.includes(removeType)) return [];
  const what = removeType.slice("OBJECT_".length).toLowerCase();
  return [
    error(
      `drop-${what}`,
      `dropping ${names.join(", ")} breaks services of the release before; make it a release migration (100 and up)`,
    ),
  ];
}

function locking(node: Node): string | undefined {
  if ("LockStmt" in node) return "LOCK TABLE";
  if ("ClusterStmt" in node) return "CLUSTER";
  if ("RefreshMatViewStmt" in node && node.RefreshMatViewStmt.concurrent !== true) return "REFRESH MATERIALIZED VIEW";
  if ("VacuumStmt" in node && JSON.stringify(node.VacuumStmt.options ?? []).includes('"full"')) return "VACUUM FULL";
  return undefined;
}
