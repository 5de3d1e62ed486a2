import { conflict, GLOBAL, normaliseKey, notFound, stale, type DataLayerError, type Stored } from "@stellaops/kernel";
import { roles, users, type User, type UserRole } from "../aggregates.ts";
import type { Grant } from "../repositories/users.ts";

/** From how many users a forced deletion takes a role along, in its one unit. */
const maxForced = 500;

/** A grant as both databases will hold it. @throws `VALUE_…` (data) */
export function cleanGrant({ userId, roleId, grantedBy, expiresAt, at }: Grant): {
  readonly userId: string;
  readonly at: Date;
  readonly role: UserRole;
} {
  const role = { roleId, grantedBy, grantedAt: at, expiresAt };
  normaliseKey(users, { id: userId, roles: [role], updatedAt: at });
  return { userId, at, role };
}

/** @throws `VALUE_…` (data) */
export function cleanRevocation({ userId, roleId, at }: Pick<Grant, "userId" | "roleId" | "at">) {
  normaliseKey(users, { id: userId, roles: [{ roleId, grantedBy: "", grantedAt: at, expiresAt: null }] });
  return { userId, roleId, at };
}

/** Roles that a user has now and had not before: what `put` grants. */
export function newRoles(before: Pick<User, "roles"> | null, after: Pick<User, "roles">): readonly string[] {
  const known = new Set(before?.roles.map(({ roleId }) => roleId));
  return after.roles.map(({ roleId }) => roleId).filter((roleId) => !known.has(roleId));
}

/** @throws `ROLE_MISSING` (not-found), naming the first */
export function refuseMissing(roleIds: readonly string[], found: readonly string[]): void {
  const roleId = roleIds.find((id) => !found.includes(id));
  if (roleId === undefined) return;
  throw notFound("ROLE_MISSING", `neither this tenant nor the shared scope has a role ${roleId}; create it first`, {
    details: { roleId },
  });
}

export const userMissing = (userId: string): DataLayerError =>
  notFound("NOT_FOUND", `this tenant has no user ${userId}`, { details: { userId } });

/** Why a role was not put that is to be no system role. */
export function notPut(found: Stored<typeof roles> | null, tenant: string, expected: bigint): DataLayerError {
  if (found?.tenantId !== tenant || found.revision !== expected || !found.isSystem) return stale(roles, expected);
  return conflict("ROLE_SYSTEM", `role ${found.id} is a system role and stays one; put it with isSystem true`, {
    details: { roleId: found.id },
  });
}

/** A role that is there, under a lock that no grant passes. */
interface Held {
  readonly id: string;
  readonly tenant: string;
  readonly isSystem: boolean;
  readonly granted: number;
}

/** Shared roles are granted by tenants that whoever deletes cannot see. @throws `ROLE_SYSTEM`, `ROLE_GRANTED` (conflict) */
export function refuseDeletion({ id, tenant, isSystem, granted }: Held, forced: object | undefined): void {
  if (isSystem || tenant === GLOBAL)
    throw conflict("ROLE_SYSTEM", `role ${id} is a system role or shared; it is never deleted`, {
      details: { roleId: id },
    });
  if (granted === 0 || (forced !== undefined && granted <= maxForced)) return;
  const remedy =
    forced === undefined
      ? "revoke it, or force the deletion"
      : `at most ${maxForced} lose it by force: revoke it from some`;
  throw conflict("ROLE_GRANTED", `role ${id} is granted to ${granted} users; ${remedy}`, {
    details: { roleId: id, granted },
  });
}
