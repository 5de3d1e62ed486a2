import { Cursors, normaliseKey, type PageRequest } from "@stellaops/kernel";
import { PostgresJobs, table, type Unit } from "@stellaops/postgres";
import { graphJobs, graphQueue, type GraphJobStatus } from "../aggregates.ts";
import { eventsOf, queuedGraphJob, replaced } from "../domain/graph-jobs.ts";
import type { GraphJobInsert, GraphJobReplacement, GraphJobs } from "../repositories/graph-jobs.ts";
import type { DB } from "./generated/database.ts";

const { list, ...verbs } = table<DB, "graph_jobs", typeof graphJobs>(graphJobs);

const inStatus = list<{ status: GraphJobStatus }>()("listByStatus", {
  order: ["createdAt"],
  where: (query, { status }) => query.where("graph_jobs.status", "=", status),
});

export class PostgresGraphJobs extends PostgresJobs<typeof graphJobs> implements GraphJobs {
  constructor(unit: Unit) {
    super(unit, verbs, graphQueue);
  }

  async insert(job: GraphJobInsert) {
    return this.createOne(queuedGraphJob(job));
  }

  async tryReplace(replacement: GraphJobReplacement) {
    return this.changeOne(replaced(replacement));
  }

  async listByStatus(given: GraphJobStatus, request: PageRequest = {}) {
    const { status } = normaliseKey(graphJobs, { status: given });
    return this.page(inStatus, { status }, request);
  }

  async events(given: string, request: PageRequest = {}) {
    const { id } = normaliseKey(graphJobs, { id: given });
    const cursors = new Cursors("scheduler", "graph_jobs", "events", this.unit.tenant, { id });
    return eventsOf(await this.get(id), cursors, request);
  }
}
