import { PostgresAudit, table, type Unit } from "@stellaops/postgres";
import { audit } from "../aggregates.ts";
import type { Audit } from "../repositories/audit.ts";
import type { DB } from "./generated/database.ts";

const verbs = table<DB, "audit", typeof audit>(audit);

export class PostgresNotifyAudit extends PostgresAudit<typeof audit> implements Audit {
  constructor(unit: Unit) {
    super(unit, verbs);
  }
}
