import { GLOBAL, tenantId, type TenantId } from "@stellaops/kernel";

/** Whose rows are meant, the shared ones among them. @throws `TENANT_MISSING`, `TENANT_RESERVED`, `TENANT_INVALID` (data) */
export const tenantOf = (given: string): TenantId => (given === GLOBAL ? GLOBAL : tenantId(given));
