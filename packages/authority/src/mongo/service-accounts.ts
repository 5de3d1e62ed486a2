import { normaliseKey } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { serviceAccounts } from "../aggregates.ts";
import { authorization, cleanAsked } from "../domain/authorization.ts";
import type { Asked, ServiceAccounts } from "../repositories/service-accounts.ts";

const verbs = table(serviceAccounts);

export class MongoServiceAccounts extends MongoRepository<typeof serviceAccounts> implements ServiceAccounts {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async findByAccountId(accountId: string) {
    return this.first(normaliseKey(serviceAccounts, { accountId }));
  }

  async authorize(asked: Asked) {
    const clean = cleanAsked(asked);
    return authorization(await this.findByAccountId(clean.accountId), clean);
  }
}
