import { normalisePart, revisionOf } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { roles } from "../aggregates.ts";
import { refuseDeletion } from "../domain/roles.ts";
import type { Roles } from "../repositories/roles.ts";
import { MongoHeldRoles } from "./held-roles.ts";
import { MongoUsers } from "./users.ts";

const verbs = table(roles);

export class MongoRoles extends MongoRepository<typeof roles> implements Roles {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async findByName(name: string) {
    return this.first(normalisePart(roles, { name }));
  }

  override async delete(roleId: string, expected: bigint, forced?: { readonly at: Date }) {
    revisionOf(expected);
    const id = this.idOf(roleId);
    if (forced !== undefined) normalisePart(roles, { updatedAt: forced.at });
    await this.atomically(async (repository) => {
      const { unit } = repository;
      const role = await new MongoHeldRoles(unit).forDeletion(id);
      if (role?.revision === expected) {
        const users = new MongoUsers(unit);
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
