import { PostgresDueWork, Text, type Unit } from "@stellaops/postgres";
import { workKinds, type DueWork, type WorkKind } from "../repositories/due-work.ts";

/** See 002_due.sql. */
const dueTenants = new Text("select tenant_id from notify_app.due_tenants($1, $2, $3)");

export class PostgresNotifyDueWork extends PostgresDueWork<WorkKind> implements DueWork {
  constructor(unit: Unit) {
    super(unit, workKinds, dueTenants);
  }
}
