import type { AuthorityRepositories } from "@stellaops/authority";
import type { Contract } from "@stellaops/testkit/module";
import { clientsContract } from "./clients.ts";
import { licensesContract } from "./licenses.ts";
import { lockoutContract } from "./lockout.ts";
import { loginAttemptsContract } from "./login-attempts.ts";
import { revocationsContract } from "./revocations.ts";
import { rolesContract } from "./roles.ts";
import { scopesContract } from "./scopes.ts";
import { serviceAccountsContract } from "./service-accounts.ts";
import { tenantsContract } from "./tenants.ts";
import { tokensContract } from "./tokens.ts";
import { unitsContract } from "./units.ts";
import { userRolesContract } from "./user-roles.ts";
import { usersContract } from "./users.ts";

/** What every repository of the module does, on both databases alike. */
export const contracts: readonly Contract<AuthorityRepositories>[] = [
  tenantsContract,
  usersContract,
  userRolesContract,
  lockoutContract,
  rolesContract,
  serviceAccountsContract,
  clientsContract,
  scopesContract,
  tokensContract,
  revocationsContract,
  loginAttemptsContract,
  licensesContract,
  unitsContract,
];
