import { withPostgres } from "@stellaops/testkit";
import {
  allowed as allowedBy,
  tenantRoles,
  tenantTables,
  tried as triedIn,
  type TenantOperation as Operation,
  type TenantRole as Role,
  type TenantTable as Table,
} from "@stellaops/testkit/tenancy";
import { vuln } from "@stellaops/vuln";

export { tenantOperations as operations } from "@stellaops/testkit/tenancy";
export type { TenantTable as Table } from "@stellaops/testkit/tenancy";

export const roles = tenantRoles(vuln);
type Client = Parameters<Parameters<typeof withPostgres>[1]>[0];

/** Every table that holds tenants' rows, as the catalogue has it. */
export const tablesOf = (url: string): Promise<readonly Table[]> =>
  withPostgres(url, (client) => tenantTables(client, vuln));

export const allowed = (table: Table, role: Role, operation: Operation) => allowedBy(vuln, { table, role, operation });

export async function tried(client: Client, attempts: Parameters<typeof triedIn>[1]) {
  await client.query("begin");
  try {
    return await triedIn(client, attempts);
  } finally {
    await client.query("rollback");
  }
}
