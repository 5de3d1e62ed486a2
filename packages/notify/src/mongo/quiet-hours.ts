import { normaliseKey } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { quietHours } from "../aggregates.ts";
import { activeQuietHours, maxQuietHours } from "../domain/quiet-hours.ts";
import type { QuietHoursRules } from "../repositories/quiet-hours.ts";

const verbs = table(quietHours);

export class MongoQuietHours extends MongoRepository<typeof quietHours> implements QuietHoursRules {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async listActive(at: Date) {
    normaliseKey(quietHours, { updatedAt: at });
    return activeQuietHours(await this.visible({ enabled: true }, maxQuietHours + 1), at);
  }
}
