import type { Node } from "libpg-query";
import { error, type Remark } from "./finding.ts";

/** Seeds run beside services and again after a restore: they add what is missing, and change nothing. */
export function seedRemarks(node: Node): readonly Remark[] {
  if ("VariableSetStmt" in node || "SelectStmt" in node) return [];
  if ("InsertStmt" in node && node.InsertStmt.onConflictClause?.action === "ONCONFLICT_NOTHING") return [];
  return [
    error(
      "seed-insert",
      "a seed is INSERT … ON CONFLICT DO NOTHING (and SET LOCAL app.tenant_id); put anything else into another category",
    ),
  ];
}
