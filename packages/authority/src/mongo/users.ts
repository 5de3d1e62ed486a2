import { fold, normalise, normaliseKey, revisionOf, type PageRequest } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { users, type User } from "../aggregates.ts";
import { cleanLockout, mostFailures, type LockoutRule } from "../domain/lockout.ts";
import { cleanGrant, cleanRevocation, newRoles, userMissing } from "../domain/roles.ts";
import { keyOf } from "../domain/user-key.ts";
import type { Grant, UserRef, Users } from "../repositories/users.ts";
import { MongoHeldRoles } from "./held-roles.ts";

const verbs = table(users);

const holding = verbs.list("listByRole", { order: [] });

/** What users are found by beside the fields of the domain. */
interface Folded {
  readonly usernameFolded: string;
  readonly emailFolded: string | null;
}

/** A lock that has run out; null sorts before every instant. */
const over = (at: Date) => ({
  $and: [{ $eq: ["$status", "locked"] }, { $ne: ["$lockedUntil", null] }, { $lte: ["$lockedUntil", at] }],
});

interface Failure {
  readonly threshold: number;
  readonly until: Date;
  readonly at: Date;
}
/** `afterFailure`, in one update. */
const failed = ({ threshold, until, at }: Failure) => {
  const more = { $add: ["$failedAttempts", { $cond: [{ $lt: ["$failedAttempts", mostFailures] }, 1n, 0n] }] };
  const counted = { $cond: [over(at), 1n, more] };
  const held = { $and: [{ $eq: ["$status", "locked"] }, { $not: [over(at)] }] };
  const stays = { $or: [{ $eq: ["$status", "disabled"] }, held] };
  const locks = { $gte: [counted, threshold] };
  const status = { $cond: [stays, "$status", { $cond: [locks, "locked", "active"] }] };
  const lockedUntil = { $cond: [stays, "$lockedUntil", { $cond: [locks, until, null] }] };
  return [{ $set: { failedAttempts: counted, status, lockedUntil, updatedAt: at } }];
};

/** `afterSuccess`, likewise. */
const succeeded = (at: Date) =>
  ({ status: "active", failedAttempts: 0n, lockedUntil: null, lastLoginAt: at, updatedAt: at }) as const;

export class MongoUsers extends MongoRepository<typeof users> implements Users {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  override async put(user: User, expected: bigint) {
    revisionOf(expected);
    const clean = normalise(users, user);
    const before = clean.roles.length === 0 || expected === 0n ? null : await this.get(clean.id);
    const granted = newRoles(before, clean);
    if (granted.length === 0) return super.put(clean, expected);
    return this.atomically(async (repository) => {
      await new MongoHeldRoles(repository.unit).forGrant(granted);
      return repository.putHeld(clean, expected);
    });
  }

  async findByUsername(name: string) {
    const { username } = normaliseKey(users, { username: name });
    return this.first<Folded>({ usernameFolded: fold(username) });
  }

  async findByEmail(address: string) {
    const { email } = normaliseKey(users, { email: address });
    return this.first<Folded>({ emailFolded: fold(email) });
  }

  async grantRole(grant: Grant) {
    const { userId, at, role } = cleanGrant(grant);
    return this.atomically(async (repository) => {
      await new MongoHeldRoles(repository.unit).forGrant([role.roleId]);
      const where = { id: userId };
      const user = await repository.changeOne({ where, set: { updatedAt: at }, child: { name: "roles", put: role } });
      if (user === null) throw userMissing(userId);
      return user;
    });
  }

  async revokeRole(revocation: Pick<Grant, "userId" | "roleId" | "at">) {
    const { userId, roleId, at } = cleanRevocation(revocation);
    const where = { id: userId };
    return this.changeOne({ where, set: { updatedAt: at }, child: { name: "roles", remove: { roleId } } });
  }

  async listByRole(role: string, at: Date, request: PageRequest = {}) {
    normaliseKey(users, { id: role, updatedAt: at });
    const held = { roleId: role, $or: [{ expiresAt: null }, { expiresAt: { $gt: at } }] };
    return this.page(holding, { roleId: role, at }, { roles: { $elemMatch: held } }, request);
  }

  async recordFailure(user: UserRef, rule: LockoutRule, at: Date) {
    const { name, value } = keyOf(user);
    const until = cleanLockout(rule, at);
    return this.change<Folded>({ [name]: value }, failed({ threshold: rule.threshold, until, at }));
  }

  async recordSuccess(user: UserRef, at: Date) {
    const { name, value } = keyOf(user);
    normaliseKey(users, { lastLoginAt: at });
    const open = { $or: [{ status: "active" }, { status: "locked", lockedUntil: { $lte: at } }] } as const;
    return this.change<Folded>({ [name]: value, ...open }, { $set: succeeded(at) });
  }

  /** To how many of the tenant's own a role is granted, expired grants included. */
  async holdersOf(roleId: string) {
    const own = [{ $match: { tenantId: this.unit.tenant } }, { $count: "granted" }];
    const [counted] = await this.derive<{ readonly granted: number }>({ roles: { $elemMatch: { roleId } } }, own);
    return counted?.granted ?? 0;
  }

  /** For the deletion of a role, which holds it. */
  async revokeFromAll(roleId: string, at: Date) {
    const found = await this.pick({ roles: { $elemMatch: { roleId } } }, []);
    const roles = { $filter: { input: "$roles", cond: { $ne: ["$$this.roleId", roleId] } } };
    await this.changeAll(found, [{ $set: { roles, updatedAt: at } }]);
  }

  protected putHeld(user: User, expected: bigint) {
    return super.put(user, expected);
  }
}
