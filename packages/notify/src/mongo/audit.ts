import { MongoAudit, table, type Unit } from "@stellaops/mongo";
import { audit } from "../aggregates.ts";
import type { Audit } from "../repositories/audit.ts";

const verbs = table(audit);

export class MongoNotifyAudit extends MongoAudit<typeof audit> implements Audit {
  constructor(unit: Unit) {
    super(unit, verbs);
  }
}
