import { Cursors, normaliseKey, type PageRequest } from "@stellaops/kernel";
import { MongoJobs, table, type Unit } from "@stellaops/mongo";
import { graphJobs, graphQueue, type GraphJobStatus } from "../aggregates.ts";
import { eventsOf, queuedGraphJob, replaced } from "../domain/graph-jobs.ts";
import type { GraphJobInsert, GraphJobReplacement, GraphJobs } from "../repositories/graph-jobs.ts";

const verbs = table(graphJobs);

const inStatus = verbs.list("listByStatus", { order: ["createdAt"] });

export class MongoGraphJobs extends MongoJobs<typeof graphJobs> implements GraphJobs {
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
    return this.page(inStatus, { status }, { status }, request);
  }

  async events(given: string, request: PageRequest = {}) {
    const { id } = normaliseKey(graphJobs, { id: given });
    const cursors = new Cursors("scheduler", "graph_jobs", "events", this.unit.tenant, { id });
    return eventsOf(await this.get(id), cursors, request);
  }
}
