import type { ModuleWiring } from "@stellaops/cutover/open";
import { authority } from "./module.ts";
import type { Clients } from "./repositories/clients.ts";
import type { Licenses } from "./repositories/licenses.ts";
import type { LoginAttempts } from "./repositories/login-attempts.ts";
import type { Revocations } from "./repositories/revocations.ts";
import type { Roles } from "./repositories/roles.ts";
import type { Scopes } from "./repositories/scopes.ts";
import type { ServiceAccounts } from "./repositories/service-accounts.ts";
import type { Tenants } from "./repositories/tenants.ts";
import type { Tokens } from "./repositories/tokens.ts";
import type { Users } from "./repositories/users.ts";

export interface AuthorityRepositories {
  readonly tenants: Tenants;
  readonly users: Users;
  readonly roles: Roles;
  readonly serviceAccounts: ServiceAccounts;
  readonly clients: Clients;
  readonly scopes: Scopes;
  readonly tokens: Tokens;
  readonly revocations: Revocations;
  readonly loginAttempts: LoginAttempts;
  readonly licenses: Licenses;
}

const common = { get: "read", list: "read", put: "write", delete: "write" } as const;
const reading = { get: "read", list: "read" } as const;

export const wiring: ModuleWiring<AuthorityRepositories> = {
  ...authority,
  verbs: {
    tenants: { ...common, current: "read", suspend: "write", resume: "write" },
    users: {
      ...common,
      findByUsername: "read",
      findByEmail: "read",
      grantRole: "write",
      revokeRole: "write",
      listByRole: "read",
      recordFailure: "write",
      recordSuccess: "write",
    },
    roles: { ...common, findByName: "read" },
    serviceAccounts: { ...common, findByAccountId: "read", authorize: "read" },
    clients: { ...common, findByClientId: "read", rotateSecret: "write" },
    scopes: { ...common, findByName: "read", listByResource: "read" },
    tokens: {
      ...common,
      findByReference: "read",
      redeemOnce: "write",
      revoke: "write",
      revokeBySubject: "write",
      revokeByClient: "write",
      listBySubject: "read",
      purgeExpired: "write",
    },
    revocations: { ...common, listActive: "read" },
    loginAttempts: { ...reading, append: "write", listRecent: "read", countFailures: "read", purge: "write" },
    licenses: { ...common, findByKey: "read", consume: "write" },
  },
  postgres: () => import("./postgres/index.ts"),
  mongo: () => import("./mongo/index.ts"),
};
