import { normaliseKey, type PageRequest } from "@stellaops/kernel";
import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { sql } from "kysely";
import { incidents, type Incident } from "../aggregates.ts";
import { acknowledgedIncident, openedIncident, resolvedIncident } from "../domain/incidents.ts";
import type { Correlation, Incidents } from "../repositories/incidents.ts";
import type { DB } from "./generated/database.ts";

const { change, list, whole, ...verbs } = table<DB, "incidents", typeof incidents>(incidents);

const inStatus = list<{ status: string }>()("listByStatus", {
  order: ["createdAt"],
  direction: "desc",
  where: (query, { status }) => query.where("incidents.status", "=", status),
});

/** The statuses are literals, so that planners find the partial index. */
const count = change<{ correlationKey: string; at: Date }>()((db, { tenant, correlationKey, at }) =>
  db
    .updateTable("incidents")
    .set(({ eb }) => ({
      event_count: eb("event_count", "+", "1"),
      first_seen_at: sql<Date>`least(first_seen_at, ${at}::timestamptz)`,
      last_seen_at: sql<Date>`greatest(last_seen_at, ${at}::timestamptz)`,
      updated_at: at,
      revision: eb("revision", "+", "1"),
    }))
    .where("tenant_id", "=", tenant)
    .where("correlation_key", "=", correlationKey)
    .where(sql<boolean>`status in ('open', 'acknowledged')`)
    .returning(whole),
);

export class PostgresIncidents extends PostgresRepository<typeof incidents> implements Incidents {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async correlate(event: Correlation) {
    const opened = openedIncident(event);
    const { correlationKey, updatedAt } = opened;
    const [counted] = await this.change(count, { correlationKey, at: updatedAt });
    return counted === undefined
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
    return this.page(inStatus, { status }, request);
  }
}
