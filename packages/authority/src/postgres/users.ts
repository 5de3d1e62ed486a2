import { fold, normalise, normaliseKey, revisionOf, type PageRequest } from "@stellaops/kernel";
import { PostgresRepository, table, Text, type Unit } from "@stellaops/postgres";
import { sql, type Expression } from "kysely";
import { users, type User } from "../aggregates.ts";
import { cleanLockout, mostFailures, type LockoutRule } from "../domain/lockout.ts";
import { cleanGrant, cleanRevocation, newRoles, userMissing } from "../domain/roles.ts";
import { keyOf, type UserKey } from "../domain/user-key.ts";
import type { Grant, UserRef, Users } from "../repositories/users.ts";
import type { DB } from "./generated/database.ts";
import { PostgresHeldRoles } from "./held-roles.ts";

const { change, byKey, list, whole, ...verbs } = table<DB, "users", typeof users>(users);

const ofUsername = byKey<{ usernameFolded: string }>("usernameFolded");
const ofEmail = byKey<{ emailFolded: string }>("emailFolded");

const holding = list<{ roleId: string; at: Date }>()("listByRole", {
  order: [],
  where: (query, { roleId, at }) =>
    query.where(({ exists, selectFrom }) =>
      exists(
        selectFrom("user_roles as child")
          .select("child.role_id")
          .whereRef("child.tenant_id", "=", "users.tenant_id")
          .whereRef("child.user_id", "=", "users.id")
          .where("child.role_id", "=", roleId)
          .where(({ eb, or }) => or([eb("child.expires_at", "is", null), eb("child.expires_at", ">", at)])),
      ),
    ),
});

const columns = { id: "id", usernameFolded: "username_folded" } as const;
type Key = UserKey["name"];

/** A lock that has run out; null where there is none. */
const over = (at: Expression<Date>) => sql<boolean>`(status = 'locked' and locked_until <= ${at})`;

interface Failure {
  readonly key: string;
  readonly threshold: number;
  readonly until: Date;
  readonly at: Date;
}
/** `afterFailure`, in one statement. */
const failed = (key: Key) =>
  change<Failure>()((db, { tenant, key: value, threshold, until, at }) => {
    const counted = sql<string>`case when ${over(at)} then 1 when failed_attempts < ${sql.lit(mostFailures)} then failed_attempts + 1 else failed_attempts end`;
    const stays = sql<boolean>`status = 'disabled' or (status = 'locked' and ${over(at)} is not true)`;
    const locks = sql<boolean>`${counted} >= ${threshold}::bigint`;
    return db
      .updateTable("users")
      .set(({ eb }) => ({
        failed_attempts: counted,
        status: sql<string>`case when ${stays} then status when ${locks} then 'locked' else 'active' end`,
        locked_until: sql<Date>`case when ${stays} then locked_until when ${locks} then ${until}::timestamptz end`,
        updated_at: at,
        revision: eb("revision", "+", "1"),
      }))
      .where("tenant_id", "=", tenant)
      .where(columns[key], "=", value)
      .returning(whole);
  });
const fail = { id: failed("id"), usernameFolded: failed("usernameFolded") };

/** `afterSuccess`, likewise. */
const succeeded = (key: Key) =>
  change<{ key: string; at: Date }>()((db, { tenant, key: value, at }) =>
    db
      .updateTable("users")
      .set(({ eb }) => ({
        status: "active",
        failed_attempts: "0",
        locked_until: null,
        last_login_at: at,
        updated_at: at,
        revision: eb("revision", "+", "1"),
      }))
      .where("tenant_id", "=", tenant)
      .where(columns[key], "=", value)
      .where(({ eb, or }) => or([eb("status", "=", "active"), over(at)]))
      .returning(whole),
  );
const succeed = { id: succeeded("id"), usernameFolded: succeeded("usernameFolded") };

const revoked = change<{ roleId: string; at: Date }>()((db, { tenant, roleId, at }) =>
  db
    .updateTable("users")
    .set(({ eb }) => ({ updated_at: at, revision: eb("revision", "+", "1") }))
    .where("tenant_id", "=", tenant)
    .where(({ eb, selectFrom }) =>
      eb(
        "id",
        "in",
        selectFrom("user_roles as child")
          .select("child.user_id")
          .where("child.tenant_id", "=", tenant)
          .where("child.role_id", "=", roleId),
      ),
    )
    .returning(["id", "revision"]),
);
const holders = new Text("select count(*) as granted from authority.user_roles where tenant_id = $1 and role_id = $2");
const ungranted = new Text("delete from authority.user_roles where tenant_id = $1 and role_id = $2");

export class PostgresUsers extends PostgresRepository<typeof users> implements Users {
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
      await new PostgresHeldRoles(repository.unit).forGrant(granted);
      return repository.putHeld(clean, expected);
    });
  }

  async findByUsername(name: string) {
    const { username } = normaliseKey(users, { username: name });
    return this.first(ofUsername, { usernameFolded: fold(username) });
  }

  async findByEmail(address: string) {
    const { email } = normaliseKey(users, { email: address });
    return this.first(ofEmail, { emailFolded: fold(email) });
  }

  async grantRole(grant: Grant) {
    const { userId, at, role } = cleanGrant(grant);
    return this.atomically(async (repository) => {
      await new PostgresHeldRoles(repository.unit).forGrant([role.roleId]);
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
    return this.page(holding, { roleId: role, at }, request);
  }

  async recordFailure(user: UserRef, rule: LockoutRule, at: Date) {
    const { name, value } = keyOf(user);
    const until = cleanLockout(rule, at);
    return (await this.change(fail[name], { key: value, threshold: rule.threshold, until, at }))[0] ?? null;
  }

  async recordSuccess(user: UserRef, at: Date) {
    const { name, value } = keyOf(user);
    normaliseKey(users, { lastLoginAt: at });
    return (await this.change(succeed[name], { key: value, at }))[0] ?? null;
  }

  /** To how many of the tenant's own a role is granted, expired grants included. */
  async holdersOf(roleId: string) {
    const [counted] = (await this.run(holders.bind([this.unit.tenant, roleId]))).rows;
    return Number(counted?.["granted"]);
  }

  /** For the deletion of a role, which holds it. */
  async revokeFromAll(roleId: string, at: Date) {
    await this.changed(revoked, { roleId, at }, { after: [ungranted.bind([this.unit.tenant, roleId])] });
  }

  protected putHeld(user: User, expected: bigint) {
    return super.put(user, expected);
  }
}
