import { PostgresClients } from "./clients.ts";
import { PostgresLicenses } from "./licenses.ts";
import { PostgresLoginAttempts } from "./login-attempts.ts";
import { PostgresRevocations } from "./revocations.ts";
import { PostgresRoles } from "./roles.ts";
import { PostgresScopes } from "./scopes.ts";
import { PostgresServiceAccounts } from "./service-accounts.ts";
import { PostgresTenants } from "./tenants.ts";
import { PostgresTokens } from "./tokens.ts";
import { PostgresUsers } from "./users.ts";

export const repositories = {
  tenants: PostgresTenants,
  users: PostgresUsers,
  roles: PostgresRoles,
  serviceAccounts: PostgresServiceAccounts,
  clients: PostgresClients,
  scopes: PostgresScopes,
  tokens: PostgresTokens,
  revocations: PostgresRevocations,
  loginAttempts: PostgresLoginAttempts,
  licenses: PostgresLicenses,
};
