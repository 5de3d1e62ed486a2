import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { sql } from "kysely";
import { workers } from "../aggregates.ts";
import { beating, cleanExpiry, namesOf, restarted, startedWorker } from "../domain/workers.ts";
import type { Expiry, Heartbeat, Registration, Workers } from "../repositories/workers.ts";
import type { DB } from "./generated/database.ts";

const { change, whole, ...verbs } = table<DB, "workers", typeof workers>(workers);

/** The sub-select as an array: it is carried out once, and a worker that another caller has locked is left to that one. */
const expireSilent = change<Expiry>()((db, { tenant, before, limit, at }) =>
  db
    .updateTable("workers")
    .set(({ eb }) => ({ status: "expired", updated_at: at, revision: eb("revision", "+", "1") }))
    .where("tenant_id", "=", tenant)
    .where(
      sql<boolean>`id = any(array(select w.id from scheduler.workers w where w.tenant_id = ${tenant} and w.status <> 'expired'
        and w.heartbeat_at < ${before} order by w.heartbeat_at, w.id limit ${limit} for update skip locked))`,
    )
    .returning(whole),
);

export class PostgresWorkers extends PostgresRepository<typeof workers> implements Workers {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async register(registration: Registration) {
    return (await this.changeOne(restarted(registration))) ?? this.createOne(startedWorker(registration));
  }

  async heartbeat(heartbeat: Heartbeat) {
    return this.changeOne(beating(heartbeat));
  }

  async expire(expiry: Expiry) {
    return namesOf(await this.change(expireSilent, cleanExpiry(expiry)));
  }
}
