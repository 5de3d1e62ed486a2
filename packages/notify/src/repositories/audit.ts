import type { Audit as AuditTrail } from "@stellaops/kernel";
import type { audit } from "../aggregates.ts";

/** Who changed what. Append-only. */
export interface Audit extends AuditTrail<typeof audit> {}
