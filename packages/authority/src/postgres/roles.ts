import { normalise, normaliseKey, revisionOf } from "@stellaops/kernel";
import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { roles, type Role } from "../aggregates.ts";
import { notPut, refuseDeletion } from "../domain/roles.ts";
import type { Roles } from "../repositories/roles.ts";
import type { DB } from "./generated/database.ts";
import { PostgresHeldRoles } from "./held-roles.ts";
import { PostgresUsers } from "./users.ts";

const { byKey, ...verbs } = table<DB, "roles", typeof roles>(roles);

const ofName = byKey<{ name: string }>("name");

export class PostgresRoles extends PostgresRepository<typeof roles> implements Roles {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  override async put(role: Role, expected: bigint) {
    revisionOf(expected);
    const clean = normalise(roles, role);
    if (expected === 0n || clean.isSystem) return super.put(clean, expected);
    const { id, ...set } = clean;
    const changed = await this.changeOne({ where: { id, revision: expected, isSystem: false }, set });
    if (changed === null) throw notPut(await this.get(id), this.unit.tenant, expected);
    return changed.revision;
  }

  async findByName(name: string) {
    return this.first(ofName, normaliseKey(roles, { name }));
  }

  override async delete(roleId: string, expected: bigint, forced?: { readonly at: Date }) {
    revisionOf(expected);
    const id = this.idOf(roleId);
    if (forced !== undefined) normaliseKey(roles, { updatedAt: forced.at });
    await this.atomically(async (repository) => {
      const { unit } = repository;
      const role = await new PostgresHeldRoles(unit).forDeletion(id);
      if (role?.revision === expected) {
        const users = new PostgresUsers(unit);
        const granted = await users.holdersOf(id);
        refuseDeletion({ id, tenant: unit.tenant, isSystem: role.isSystem, granted }, forced);
        if (forced !== undefined && granted > 0) await users.revokeFromAll(id, forced.at);
      }
      await repository.deleteHeld(id, expected);
    });
  }

  protected deleteHeld(id: string, expected: bigint) {
    return super.delete(id, expected);
  }
}
