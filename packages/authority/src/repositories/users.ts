import type { Page, PageRequest, Repository, Stored } from "@stellaops/kernel";
import type { users } from "../aggregates.ts";
import type { LockoutRule } from "../domain/lockout.ts";

/** A user of the tenant's own, by id or by name in any case. */
export type UserRef = { readonly userId: string } | { readonly username: string };

export interface Grant {
  readonly userId: string;
  readonly roleId: string;
  readonly grantedBy: string;
  /** Null: until it is revoked. */
  readonly expiresAt: Date | null;
  readonly at: Date;
}

/**
 * Users with the roles they are granted. Names and addresses are unique for a tenant whatever their case (`fold`): `UNIQUE_VIOLATION` on
 * uq_users_username_folded, uq_users_email_folded. `passwordHash` takes a hash in PHC form and nothing else (`SECRET_PLAIN`, data).
 */
export interface Users extends Repository<typeof users> {
  /**
   * As every `put`. Roles that the stored user does not have are granted by it: each must be there, and stay until it is granted.
   * @throws also `ROLE_MISSING` (not-found)
   */
  put: Repository<typeof users>["put"];
  /** The tenant's own user of that name in any case, else the shared one, else null. */
  findByUsername(username: string): Promise<Stored<typeof users> | null>;
  /** The tenant's own user of that address in any case, else the shared one, else null. */
  findByEmail(email: string): Promise<Stored<typeof users> | null>;
  /**
   * Grants a role, own or shared, or grants it anew with the given expiry. No grant and no deletion of the role pass each other by:
   * what is granted is there. Gives the user. @throws `NOT_FOUND` (no such user of the tenant's own), `ROLE_MISSING` (not-found)
   */
  grantRole(grant: Grant): Promise<Stored<typeof users>>;
  /** Gives the user, or null when it was not granted, or there is no such user of the tenant's own. */
  revokeRole(grant: Pick<Grant, "userId" | "roleId" | "at">): Promise<Stored<typeof users> | null>;
  /** Those to whom the role is granted at an instant (an expiry is the first at which it is not), by id. */
  listByRole(roleId: string, at: Date, request?: PageRequest): Promise<Page<Stored<typeof users>>>;
  /**
   * Counts a failed login, however many report one at once, and locks the user at exactly the threshold: see `afterFailure`. Of the
   * answers one, and no other, shows the threshold as `failedAttempts`. Null when the tenant has no such user.
   * @throws `LOCKOUT_INVALID` (data)
   */
  recordFailure(user: UserRef, rule: LockoutRule, at: Date): Promise<Stored<typeof users> | null>;
  /**
   * Notes a login and clears the failures and a lock that has run out. Null, and nothing is changed, when the user is disabled or under a
   * lock that is held, also by a failure that came a moment before: then the login is refused. Null too when there is no such user.
   */
  recordSuccess(user: UserRef, at: Date): Promise<Stored<typeof users> | null>;
}
