import { normaliseKey, type PageRequest } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { maintenanceWindows, type MaintenanceWindow } from "../aggregates.ts";
import { cleanMaintenance } from "../domain/maintenance.ts";
import type { MaintenanceWindows } from "../repositories/maintenance-windows.ts";

const verbs = table(maintenanceWindows);

const active = verbs.list("listActive", { order: ["endsAt"] });

export class MongoMaintenanceWindows extends MongoRepository<typeof maintenanceWindows> implements MaintenanceWindows {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  override async put(window: MaintenanceWindow, expected: bigint) {
    return super.put(cleanMaintenance(window), expected);
  }

  async listActive(instant: Date, request: PageRequest = {}) {
    const at = normaliseKey(maintenanceWindows, { endsAt: instant }).endsAt;
    return this.page(active, { at }, { endsAt: { $gt: at }, startsAt: { $lte: at } }, request);
  }
}
