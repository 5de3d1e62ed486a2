import { normaliseKey, type PageRequest } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { incidents, type Incident } from "../aggregates.ts";
import { acknowledgedIncident, openedIncident, resolvedIncident } from "../domain/incidents.ts";
import type { Correlation, Incidents } from "../repositories/incidents.ts";

const verbs = table(incidents);

const inStatus = verbs.list("listByStatus", { order: ["createdAt"], direction: "desc" });

const count = (at: Date) => ({
  $inc: { eventCount: 1n },
  $min: { firstSeenAt: at },
  $max: { lastSeenAt: at },
  $set: { updatedAt: at },
});

export class MongoIncidents extends MongoRepository<typeof incidents> implements Incidents {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async correlate(event: Correlation) {
    const opened = openedIncident(event);
    const { correlationKey, updatedAt } = opened;
    const unresolved = { correlationKey, status: { $in: ["open", "acknowledged"] } };
    const counted = await this.changed(unresolved, count(updatedAt));
    return counted === null
      ? { incident: await this.createOne(opened), created: true }
      : { incident: counted, created: false };
  }

  async acknowledge(id: string, at: Date) {
    return this.changeOne(acknowledgedIncident(id, at));
  }

  async resolve(id: string, at: Date) {
    return this.changeOne(resolvedIncident(id, at));
  }

  async listByStatus(given: Incident["status"], request: PageRequest = {}) {
    const { status } = normaliseKey(incidents, { status: given });
    return this.page(inStatus, { status }, { status }, request);
  }
}
