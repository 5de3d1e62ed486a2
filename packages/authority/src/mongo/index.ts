import { MongoClients } from "./clients.ts";
import { MongoLicenses } from "./licenses.ts";
import { MongoLoginAttempts } from "./login-attempts.ts";
import { MongoRevocations } from "./revocations.ts";
import { MongoRoles } from "./roles.ts";
import { MongoScopes } from "./scopes.ts";
import { MongoServiceAccounts } from "./service-accounts.ts";
import { MongoTenants } from "./tenants.ts";
import { MongoTokens } from "./tokens.ts";
import { MongoUsers } from "./users.ts";

export const repositories = {
  tenants: MongoTenants,
  users: MongoUsers,
  roles: MongoRoles,
  serviceAccounts: MongoServiceAccounts,
  clients: MongoClients,
  scopes: MongoScopes,
  tokens: MongoTokens,
  revocations: MongoRevocations,
  loginAttempts: MongoLoginAttempts,
  licenses: MongoLicenses,
};
