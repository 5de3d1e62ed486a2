import { openModule, type OpenModule, type OpenOptions } from "@stellaops/cutover/open";
import { wiring, type AuthorityRepositories } from "./wiring.ts";

export type Authority = OpenModule<AuthorityRepositories>;

/**
 * Opens the authority module on the database that its stage says.
 *
 * ```ts
 * const authority = await openAuthority({ postgres: openPostgres({ url }), stage: "postgres" });
 * const user = await authority.tenant("acme").users.findByUsername("Ada");
 * ```
 */
export const openAuthority = (options: OpenOptions): Promise<Authority> => openModule(wiring, options);

export {
  tokenKinds,
  type Client,
  type License,
  type LoginAttempt,
  type Revocation,
  type Role,
  type ScopeDefinition,
  type ServiceAccount,
  type Tenant,
  type Token,
  type TokenKind,
  type User,
  type UserRole,
} from "./aggregates.ts";
export type { Limits } from "./domain/license-limits.ts";
export { periodOf, windowOf, type LicenseWindow } from "./domain/license-windows.ts";
export { afterFailure, afterSuccess, isLocked, type LockoutRule } from "./domain/lockout.ts";
export { hashPassword, needsRehash, verifyPassword } from "./domain/passwords.ts";
export type { NotRedeemed } from "./domain/redemption.ts";
export { hashReference, matchesReference, newReference } from "./domain/references.ts";
export { authority } from "./module.ts";
export type { Clients, Rotation } from "./repositories/clients.ts";
export type { Consumed, Consumption, Licenses } from "./repositories/licenses.ts";
export type { LoginAttempts } from "./repositories/login-attempts.ts";
export type { RevocationList, Revocations } from "./repositories/revocations.ts";
export type { Roles } from "./repositories/roles.ts";
export type { Scopes } from "./repositories/scopes.ts";
export type { Asked, Authorization, ServiceAccounts } from "./repositories/service-accounts.ts";
export type { Tenants } from "./repositories/tenants.ts";
export type { Redeemed, Redemption, Revoking, Tokens } from "./repositories/tokens.ts";
export type { Grant, UserRef, Users } from "./repositories/users.ts";
export { wiring, type AuthorityRepositories } from "./wiring.ts";
