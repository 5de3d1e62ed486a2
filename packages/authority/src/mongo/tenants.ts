import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { tenants } from "../aggregates.ts";
import type { Tenants } from "../repositories/tenants.ts";

const verbs = table(tenants);

export class MongoTenants extends MongoRepository<typeof tenants> implements Tenants {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async current() {
    const found = await this.first({});
    return found?.tenantId === this.unit.tenant ? found : null;
  }

  async suspend(at: Date) {
    return this.changeOne({ where: { status: "active" }, set: { status: "suspended", updatedAt: at } });
  }

  async resume(at: Date) {
    return this.changeOne({ where: { status: "suspended" }, set: { status: "active", updatedAt: at } });
  }
}
