import { dataError, refuseLimit } from "@stellaops/kernel";
import { workKinds, type WorkKind } from "../repositories/due-work.ts";
import { refuseNoInstant } from "./instants.ts";

/** @throws `LIMIT_INVALID`, `WORK_KIND`, `VALUE_DATE`, `VALUE_DATE_RANGE` (data) */
export function checkDue(kind: WorkKind, at: Date, limit: number): void {
  if (!workKinds.includes(kind))
    throw dataError("WORK_KIND", `there is work of the kinds ${workKinds.join(", ")}; "${kind}" is none of them`);
  refuseNoInstant(at, "at");
  refuseLimit(limit, 1_000);
}
