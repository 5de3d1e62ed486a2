import { normaliseKey, type PageRequest } from "@stellaops/kernel";
import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { maintenanceWindows } from "../aggregates.ts";
import type { MaintenanceWindows } from "../repositories/maintenance-windows.ts";
import type { DB } from "./generated/database.ts";

const { list, ...verbs } = table<DB, "maintenance_windows", typeof maintenanceWindows>(maintenanceWindows);

const active = list<{ at: Date }>()("listActive", {
  order: ["endsAt"],
  where: (query, { at }) =>
    query.where("maintenance_windows.ends_at", ">", at).where("maintenance_windows.starts_at", "<=", at),
});

export class PostgresMaintenanceWindows
  extends PostgresRepository<typeof maintenanceWindows>
  implements MaintenanceWindows
{
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async listActive(instant: Date, request: PageRequest = {}) {
    const at = normaliseKey(maintenanceWindows, { endsAt: instant }).endsAt;
    return this.page(active, { at }, request);
  }
}
