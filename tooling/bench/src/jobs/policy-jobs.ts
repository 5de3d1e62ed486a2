import { randomUUID } from "node:crypto";
import { seededIds, systemClock } from "@stellaops/kernel";
import { bulkLoad as loadMongo, type Mongo } from "@stellaops/mongo";
import { bulkLoad as loadPostgres, transaction, type Postgres } from "@stellaops/postgres";
import { openScheduler, scheduler, wiring, type PolicyJob, type Scheduler } from "@stellaops/scheduler";
import { beside } from "../beside.ts";
import { tenant, type Rig } from "../rig.ts";
import type { Queue } from "./queue.ts";

/** The definition that the repositories are made from. */
export const definition = scheduler.aggregates[4];

/** The scheduler module on both servers of a rig, beside what is there. */
export interface PolicyJobs extends AsyncDisposable {
  /** The role of a service. */
  readonly app: Postgres;
  readonly mongo: Mongo;
  /** The module as a service opens it, on either. */
  readonly onPostgres: Queue;
  readonly onMongo: Queue;
  /** On PostgreSQL without what the process believes of earlier claims: each looks from the beginning. */
  readonly unhinted: Queue["claim"];
  /** More of them on PostgreSQL, behind those that are there, all due. */
  add(count: number): Promise<void>;
}

export async function policyJobsOf(rig: Rig): Promise<PolicyJobs> {
  const there = await beside(rig, { module: scheduler, open: openScheduler });
  const { app, mongo } = there;
  const add = async (count: number): Promise<void> => {
    await loadPostgres(rig.replicator.pool, definition, tenant, dueJobs(count));
  };
  const { repositories } = await wiring.postgres();
  return {
    app,
    mongo,
    add,
    unhinted: (limit) =>
      transaction(app.pool, { tenant }, async ({ home: _, ...unit }) => {
        return (await new repositories.policyJobs(unit).claim(request(limit))).length;
      }),
    onPostgres: {
      claim: claimsOf(there.onPostgres),
      async fill(count) {
        await rig.sql(`truncate scheduler.${definition.table}`);
        await add(count);
        await rig.sql(`vacuum analyze scheduler.${definition.table}`);
      },
    },
    onMongo: {
      claim: claimsOf(there.onMongo),
      async fill(count) {
        await mongo.db.collection(definition.table).deleteMany({});
        await loadMongo(mongo, definition, tenant, dueJobs(count));
      },
    },
    [Symbol.asyncDispose]: () => there[Symbol.asyncDispose](),
  };
}

export const claimsOf =
  ({ tenant: of }: Scheduler): Queue["claim"] =>
  async (limit) =>
    (await of(tenant).policyJobs.claim(request(limit))).length;

const request = (limit: number) => {
  const at = systemClock.now();
  return { limit, holder: "bench", at, until: new Date(at.getTime() + 60_000), claimId: randomUUID() };
};

const ids = seededIds(systemClock, 12);

function* dueJobs(count: number): Generator<PolicyJob> {
  for (let made = 0; made < count; made += 1) {
    const now = systemClock.now();
    yield {
      id: ids.next(),
      runId: ids.next(),
      mode: "full",
      priority: "normal",
      status: "queued",
      inputs: { sbom: `sha256:${made}` },
      attempts: 0n,
      availableAt: now,
      leaseHolder: null,
      leaseUntil: null,
      claimId: null,
      lastError: null,
      createdAt: now,
      updatedAt: now,
    };
  }
}
