import { normaliseKey, type PageRequest, type PurgeRequest } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { loginAttempts, type LoginAttempt } from "../aggregates.ts";
import type { LoginAttempts } from "../repositories/login-attempts.ts";

const verbs = table(loginAttempts);

const ofSubject = verbs.list("listRecent", { order: ["occurredAt"], direction: "desc" });

export class MongoLoginAttempts extends MongoRepository<typeof loginAttempts> implements LoginAttempts {
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
    const { subject } = normaliseKey(loginAttempts, { subject: of });
    return this.page(ofSubject, { subject }, { subject }, request);
  }

  async countFailures(of: string, since: Date) {
    const { subject, occurredAt } = normaliseKey(loginAttempts, { subject: of, occurredAt: since });
    const failed = { subject, occurredAt: { $gte: occurredAt }, outcome: "failure" } as const;
    const [counted] = await this.derive<{ readonly failures: number }>(failed, [{ $count: "failures" }]);
    return BigInt(counted?.failures ?? 0);
  }
}
