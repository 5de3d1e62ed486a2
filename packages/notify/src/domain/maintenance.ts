import { dataError, normalise } from "@stellaops/kernel";
import { maintenanceWindows, type MaintenanceWindow } from "../aggregates.ts";

/** @throws `VALUE_…`, `WINDOW_EMPTY` (data) */
export function cleanMaintenance(window: MaintenanceWindow): MaintenanceWindow {
  const clean = normalise(maintenanceWindows, window);
  if (clean.endsAt > clean.startsAt) return clean;
  throw dataError("WINDOW_EMPTY", "maintenance_window: endsAt is after startsAt", { details: { path: "endsAt" } });
}
