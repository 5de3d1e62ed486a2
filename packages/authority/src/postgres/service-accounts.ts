import { normaliseKey } from "@stellaops/kernel";
import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { serviceAccounts } from "../aggregates.ts";
import { authorization, cleanAsked } from "../domain/authorization.ts";
import type { Asked, ServiceAccounts } from "../repositories/service-accounts.ts";
import type { DB } from "./generated/database.ts";

const { byKey, ...verbs } = table<DB, "service_accounts", typeof serviceAccounts>(serviceAccounts);

const ofAccountId = byKey<{ accountId: string }>("accountId");

export class PostgresServiceAccounts extends PostgresRepository<typeof serviceAccounts> implements ServiceAccounts {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async findByAccountId(accountId: string) {
    return this.first(ofAccountId, normaliseKey(serviceAccounts, { accountId }));
  }

  async authorize(asked: Asked) {
    const clean = cleanAsked(asked);
    return authorization(await this.findByAccountId(clean.accountId), clean);
  }
}
