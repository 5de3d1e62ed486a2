import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { templates, type Template } from "../aggregates.ts";
import { bestTemplate, cleanTemplate, cleanTemplateKey } from "../domain/templates.ts";
import type { TemplateKey, Templates } from "../repositories/templates.ts";

const verbs = table(templates);

export class MongoTemplates extends MongoRepository<typeof templates> implements Templates {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  override async put(template: Template, expected: bigint) {
    return super.put(cleanTemplate(template), expected);
  }

  /** Of at most six: three locales, own and shared. */
  async resolve(given: TemplateKey) {
    const { channelKind, key, locales } = cleanTemplateKey(given);
    const candidates = await this.visible({ channelKind, key, locale: { $in: locales } });
    return bestTemplate(candidates, locales, this.unit.tenant);
  }
}
