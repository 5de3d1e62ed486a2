import { normalisePart, revisionOf } from "@stellaops/kernel";
import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { roles } from "../aggregates.ts";
import { refuseDeletion } from "../domain/roles.ts";
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

  async findByName(name: string) {
    return this.first(ofName, normalisePart(roles, { name }));
  }

  override async delete(roleId: string, expected: bigint, forced?: { readonly at: Date }) {
    revisionOf(expected);
    const id = this.idOf(roleId);
    if (forced !== undefined) normalisePart(roles, { updatedAt: forced.at });
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
