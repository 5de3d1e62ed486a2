import { PostgresRepository, table, Text, type Unit } from "@stellaops/postgres";
import { roles } from "../aggregates.ts";
import { refuseMissing } from "../domain/roles.ts";
import type { DB } from "./generated/database.ts";

const verbs = table<DB, "roles", typeof roles>(roles);

/** In the order of ids, so that two who hold several wait for each other and do not deadlock. A role may still be changed under it. */
const share =
  new Text(`select id from (select id from authority.roles where tenant_id = $1 and id = any($2::uuid[]) order by id for key share) own
  union select id from authority.roles where tenant_id = '@global' and id = any($2::uuid[])`);

const lock = new Text("select is_system, revision from authority.roles where tenant_id = $1 and id = $2 for update");

/** Roles held until the unit ends, so that a grant and a deletion do not pass each other by: as a foreign key would hold them. */
export class PostgresHeldRoles extends PostgresRepository<typeof roles> {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  /** Those that a grant may name; shared ones are never deleted. @throws `ROLE_MISSING` (not-found) */
  async forGrant(roleIds: readonly string[]) {
    const { rows } = await this.run(share.bind([this.unit.tenant, roleIds]));
    refuseMissing(
      roleIds,
      rows.map(({ id }) => String(id)),
    );
  }

  /** The tenant's own, or null. What is read after it, every grant is in. */
  async forDeletion(id: string) {
    const [role] = (await this.run(lock.bind([this.unit.tenant, id]))).rows;
    return role === undefined
      ? null
      : { revision: BigInt(String(role["revision"])), isSystem: role["is_system"] === true };
  }
}
