import { dataError, refuseLimit } from "@stellaops/kernel";
import { workKinds, type WorkKind } from "../repositories/due-work.ts";

/** @throws `LIMIT_INVALID`, `WORK_KIND`, `VALUE_DATE` (data) */
export function checkDue(kind: WorkKind, at: Date, limit: number): void {
  if (!workKinds.includes(kind))
    throw dataError("WORK_KIND", `there is work of the kinds ${workKinds.join(", ")}; "${kind}" is none of them`);
  if (!(at instanceof Date) || Number.isNaN(at.getTime())) throw dataError("VALUE_DATE", "`at` is no valid date");
  refuseLimit(limit, 1_000);
}
