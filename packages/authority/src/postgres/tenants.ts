import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { tenants } from "../aggregates.ts";
import type { Tenants } from "../repositories/tenants.ts";
import type { DB } from "./generated/database.ts";

const { byKey, ...verbs } = table<DB, "tenants", typeof tenants>(tenants);

const only = byKey<object>();

export class PostgresTenants extends PostgresRepository<typeof tenants> implements Tenants {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async current() {
    const found = await this.first(only, {});
    return found?.tenantId === this.unit.tenant ? found : null;
  }

  async suspend(at: Date) {
    return this.changeOne({ where: { status: "active" }, set: { status: "suspended", updatedAt: at } });
  }

  async resume(at: Date) {
    return this.changeOne({ where: { status: "suspended" }, set: { status: "active", updatedAt: at } });
  }
}
