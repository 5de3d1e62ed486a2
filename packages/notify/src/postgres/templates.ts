import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { sql } from "kysely";
import { templates, type Template } from "../aggregates.ts";
import { bestTemplate, cleanTemplate, cleanTemplateKey } from "../domain/templates.ts";
import type { TemplateKey, Templates } from "../repositories/templates.ts";
import type { DB } from "./generated/database.ts";

const { statement, whole, ...verbs } = table<DB, "templates", typeof templates>(templates);

/** At most six: three locales, own and shared. */
const candidates = statement<{ channelKind: string; key: string; locales: readonly string[] }>()(
  (db, { tenant, channelKind, key, locales }) =>
    db
      .selectFrom("templates")
      .select(whole)
      .where(sql<boolean>`tenant_id in (${tenant}, '@global')`)
      .where("channel_kind", "=", channelKind)
      .where("key", "=", key)
      .where(sql<boolean>`locale = any(${locales}::text[])`),
);

export class PostgresTemplates extends PostgresRepository<typeof templates> implements Templates {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  override async put(template: Template, expected: bigint) {
    return super.put(cleanTemplate(template), expected);
  }

  async resolve(key: TemplateKey) {
    const clean = cleanTemplateKey(key);
    return bestTemplate(await this.many(candidates, clean), clean.locales, this.unit.tenant);
  }
}
