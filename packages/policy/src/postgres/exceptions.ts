import { normaliseKey, revisionOf, type PageRequest } from "@stellaops/kernel";
import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { sql } from "kysely";
import { exceptions, type PolicyException } from "../aggregates.ts";
import { cleanExpiry, draftOf, moved, namesOf, notPut, revoked, type Expiry } from "../domain/exceptions.ts";
import type { ExceptionRevocation, Exceptions, ExceptionTransition } from "../repositories/exceptions.ts";
import type { DB } from "./generated/database.ts";

const { change, byKey, list, whole, ...verbs } = table<DB, "exceptions", typeof exceptions>(exceptions);

const ofName = byKey<{ exceptionId: string }>("exceptionId");

const active = list<{ vulnerability: string; at: Date }>()("listActive", {
  order: ["effectiveAt"],
  where: (query, { vulnerability, at }) =>
    query
      .where("exceptions.status", "=", "active")
      .where("exceptions.vulnerability", "=", vulnerability)
      .where("exceptions.effective_at", "<=", at)
      .where("exceptions.expires_at", ">", at),
});

/** The sub-select as an array: it is carried out once, and what another caller has locked is left to that one. */
const expire = change<Expiry>()((db, { tenant, at, limit }) =>
  db
    .updateTable("exceptions")
    .set(({ eb }) => ({ status: "expired", updated_at: at, revision: eb("revision", "+", "1") }))
    .where("tenant_id", "=", tenant)
    .where(
      sql<boolean>`id = any(array(select e.id from policy.exceptions e where e.tenant_id = ${tenant} and e.status = 'active'
        and e.expires_at <= ${at} order by e.expires_at, e.id limit ${limit} for update skip locked))`,
    )
    .returning(whole),
);

export class PostgresExceptions extends PostgresRepository<typeof exceptions> implements Exceptions {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  override async put(exception: PolicyException, expected: bigint) {
    revisionOf(expected);
    const clean = draftOf(exception);
    if (expected === 0n) return super.put(clean, expected);
    const { id, ...set } = clean;
    const changed = await this.changeOne({ where: { id, revision: expected, status: "draft" }, set });
    if (changed === null) throw notPut(await this.get(id), this.unit.tenant, expected);
    return changed.revision;
  }

  async findByExceptionId(exceptionId: string) {
    return this.first(ofName, normaliseKey(exceptions, { exceptionId }));
  }

  async transition(transition: ExceptionTransition) {
    return this.changeOne(moved(transition));
  }

  async revoke(revocation: ExceptionRevocation) {
    return this.changeOne(revoked(revocation));
  }

  async listActive(when: Date, of: string, request: PageRequest = {}) {
    const { effectiveAt: at, vulnerability } = normaliseKey(exceptions, { effectiveAt: when, vulnerability: of });
    return this.page(active, { vulnerability, at }, request);
  }

  async expireDue(at: Date, limit: number) {
    return namesOf(await this.change(expire, cleanExpiry({ at, limit })));
  }
}
