import { normaliseKey, type PageRequest } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { maintenanceWindows } from "../aggregates.ts";
import type { MaintenanceWindows } from "../repositories/maintenance-windows.ts";

const verbs = table(maintenanceWindows);

const active = verbs.list("listActive", { order: ["endsAt"] });

export class MongoMaintenanceWindows extends MongoRepository<typeof maintenanceWindows> implements MaintenanceWindows {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async listActive(instant: Date, request: PageRequest = {}) {
    const at = normaliseKey(maintenanceWindows, { endsAt: instant }).endsAt;
    return this.page(active, { at }, { endsAt: { $gt: at }, startsAt: { $lte: at } }, request);
  }
}
