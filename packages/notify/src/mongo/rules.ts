import { normalise, normaliseKey, revisionOf, type PageRequest } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { rules, type Rule } from "../aggregates.ts";
import { cleanEventKind } from "../domain/rules.ts";
import type { Rules } from "../repositories/rules.ts";
import { MongoHeldChannels } from "./held-channels.ts";

const verbs = table(rules);

const ofKind = verbs.list("listEnabledForEvent", { order: ["priority"], direction: "desc" });
const using = verbs.list("listUsingChannel", { order: [] });

export class MongoRules extends MongoRepository<typeof rules> implements Rules {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  override async put(rule: Rule, expected: bigint) {
    revisionOf(expected);
    const clean = normalise(rules, rule);
    if (!clean.enabled || clean.channelIds.length === 0) return super.put(clean, expected);
    return this.atomically(async (repository) => {
      await new MongoHeldChannels(repository.unit).forUse(clean.channelIds);
      return repository.putHeld(clean, expected);
    });
  }

  async listEnabledForEvent(of: string, request: PageRequest = {}) {
    const kind = cleanEventKind(of);
    const forKind = { $or: [{ eventKinds: { $eq: [] } }, { eventKinds: { $elemMatch: { $eq: kind } } }] };
    return this.page(ofKind, { kind }, { enabled: true, ...forKind }, request);
  }

  async listUsingChannel(id: string, request: PageRequest = {}) {
    const channelId = normaliseKey(rules, { id }).id;
    return this.page(using, { channelId }, { channelIds: { $elemMatch: { $eq: channelId } } }, request);
  }

  /** How many of the tenant's own that are enabled name a channel. */
  async usersOf(channelId: string) {
    const own = [{ $match: { tenantId: this.unit.tenant } }, { $count: "rules" }];
    const named = { enabled: true, channelIds: { $elemMatch: { $eq: channelId } } };
    const [counted] = await this.derive<{ readonly rules: number }>(named, own);
    return counted?.rules ?? 0;
  }

  protected putHeld(rule: Rule, expected: bigint) {
    return super.put(rule, expected);
  }
}
