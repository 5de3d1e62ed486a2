import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { roles } from "../aggregates.ts";
import { refuseMissing } from "../domain/roles.ts";

const verbs = table(roles);

/**
 * Roles held until the unit ends, so that a grant and a deletion do not pass each other by. They write no document in common: both take a
 * turn for the role, and of two at once one is run again.
 */
export class MongoHeldRoles extends MongoRepository<typeof roles> {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  /** Those that a grant may name; shared ones are never deleted. @throws `ROLE_MISSING` (not-found) */
  async forGrant(roleIds: readonly string[]) {
    await this.takeTurn(roleIds);
    const found = await this.visible({ id: { $in: roleIds } });
    refuseMissing(
      roleIds,
      found.map(({ id }) => id),
    );
  }

  /** The tenant's own, or null. What is read after it, every grant is in. */
  async forDeletion(id: string) {
    await this.takeTurn([id]);
    const [role] = await this.own({ id });
    return role === undefined ? null : { revision: role.revision, isSystem: role.isSystem };
  }
}
