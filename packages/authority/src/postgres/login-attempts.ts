import { normaliseKey, type PageRequest, type PurgeRequest } from "@stellaops/kernel";
import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { sql } from "kysely";
import { loginAttempts, type LoginAttempt } from "../aggregates.ts";
import type { LoginAttempts } from "../repositories/login-attempts.ts";
import type { DB } from "./generated/database.ts";

const { statement, list, ...verbs } = table<DB, "login_attempts", typeof loginAttempts>(loginAttempts);

const ofSubject = list<{ subject: string }>()("listRecent", {
  order: ["occurredAt"],
  direction: "desc",
  where: (query, { subject }) => query.where("login_attempts.subject", "=", subject),
});

const failures = statement<{ subject: string; occurredAt: Date }>()((db, { tenant, subject, occurredAt }) =>
  db
    .selectFrom("login_attempts")
    .select(({ fn }) => fn.countAll<string>().as("failures"))
    .where(sql<boolean>`tenant_id in (${tenant}, '@global')`)
    .where("subject", "=", subject)
    .where("occurred_at", ">=", occurredAt)
    .where("outcome", "=", "failure"),
);

export class PostgresLoginAttempts extends PostgresRepository<typeof loginAttempts> implements LoginAttempts {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async append(attempts: readonly LoginAttempt[]) {
    await this.appendAll(attempts, 1_000);
  }

  async purge(request: PurgeRequest) {
    return this.purgeOld(request);
  }

  async listRecent(of: string, request: PageRequest = {}) {
    return this.page(ofSubject, normaliseKey(loginAttempts, { subject: of }), request);
  }

  async countFailures(of: string, since: Date) {
    const [counted] = await this.rows(failures, normaliseKey(loginAttempts, { subject: of, occurredAt: since }));
    return BigInt(counted?.failures ?? 0);
  }
}
