import type { TenantId } from "@stellaops/kernel";
import { Text, type Unit } from "@stellaops/postgres";
import { checkDue } from "../domain/due-work.ts";
import type { DueWork, WorkKind } from "../repositories/due-work.ts";

/** Through the reviewed function (see 002_due.sql): under the policies nobody sees the rows of more than one tenant. */
const dueTenants = new Text("select tenant_id from scheduler_app.due_tenants($1, $2, $3)");

export class PostgresDueWork implements DueWork {
  readonly #unit: Unit;

  constructor(unit: Unit) {
    this.#unit = unit;
  }

  async dueTenants(kind: WorkKind, at: Date, limit: number) {
    checkDue(kind, at, limit);
    const [found] = await this.#unit.run([dueTenants.bind([kind, at, limit])]);
    return (found?.rows ?? []).map((row) => String(row["tenant_id"]) as TenantId);
  }
}
