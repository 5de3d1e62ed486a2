import { normaliseKey } from "@stellaops/kernel";
import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { sql } from "kysely";
import { revocations } from "../aggregates.ts";
import { maxActive, revocationList } from "../domain/revocation-list.ts";
import type { Revocations } from "../repositories/revocations.ts";
import type { DB } from "./generated/database.ts";

const { statement, whole, ...verbs } = table<DB, "revocations", typeof revocations>(revocations);

const active = statement<{ at: Date; limit: number }>()((db, { tenant, at, limit }) =>
  db
    .selectFrom("revocations")
    .select(whole)
    .where(sql<boolean>`tenant_id in (${tenant}, '@global')`)
    .where("effective_at", "<=", at)
    .where(({ eb, or }) => or([eb("expires_at", "is", null), eb("expires_at", ">", at)]))
    .limit(limit),
);

export class PostgresRevocations extends PostgresRepository<typeof revocations> implements Revocations {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async listActive(at: Date) {
    normaliseKey(revocations, { effectiveAt: at });
    return revocationList(await this.many(active, { at, limit: maxActive + 1 }));
  }
}
