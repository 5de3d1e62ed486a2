import { normalise, normaliseKey, revisionOf, type PageRequest } from "@stellaops/kernel";
import { PostgresRepository, table, Text, type Unit } from "@stellaops/postgres";
import { sql } from "kysely";
import { rules, type Rule } from "../aggregates.ts";
import { cleanEventKind } from "../domain/rules.ts";
import type { Rules } from "../repositories/rules.ts";
import type { DB } from "./generated/database.ts";
import { PostgresHeldChannels } from "./held-channels.ts";

const { list, ...verbs } = table<DB, "rules", typeof rules>(rules);

const ofKind = list<{ kind: string }>()("listEnabledForEvent", {
  order: ["priority"],
  direction: "desc",
  where: (query, { kind }) =>
    query
      .where("rules.enabled", "=", true)
      .where(sql<boolean>`(rules.event_kinds = '{}' or ${kind} = any(rules.event_kinds))`),
});

const using = list<{ channelId: string }>()("listUsingChannel", {
  order: [],
  where: (query, { channelId }) => query.where(sql<boolean>`${channelId} = any(rules.channel_ids)`),
});

const users = new Text(
  "select count(*) as rules from notify.rules where tenant_id = $1 and enabled and $2 = any(channel_ids)",
);

export class PostgresRules extends PostgresRepository<typeof rules> implements Rules {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  override async put(rule: Rule, expected: bigint) {
    revisionOf(expected);
    const clean = normalise(rules, rule);
    if (!clean.enabled || clean.channelIds.length === 0) return super.put(clean, expected);
    return this.atomically(async (repository) => {
      await new PostgresHeldChannels(repository.unit).forUse(clean.channelIds);
      return repository.putHeld(clean, expected);
    });
  }

  async listEnabledForEvent(of: string, request: PageRequest = {}) {
    const kind = cleanEventKind(of);
    return this.page(ofKind, { kind }, request);
  }

  async listUsingChannel(id: string, request: PageRequest = {}) {
    const channelId = normaliseKey(rules, { id }).id;
    return this.page(using, { channelId }, request);
  }

  /** How many of the tenant's own that are enabled name a channel. */
  async usersOf(channelId: string) {
    const [counted] = (await this.run(users.bind([this.unit.tenant, channelId]))).rows;
    return Number(counted?.["rules"]);
  }

  protected putHeld(rule: Rule, expected: bigint) {
    return super.put(rule, expected);
  }
}
