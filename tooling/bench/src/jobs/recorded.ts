import { initialise, mongoSide, postgresSide } from "@stellaops/cutover";
import { openScheduler, scheduler } from "@stellaops/scheduler";
import type { Rig } from "../rig.ts";
import { claimsOf, definition, policyJobsOf } from "./policy-jobs.ts";
import type { Peer } from "./queue.ts";

export interface Recorded extends Peer {
  /** Transactions of MongoDB's server that were given up so far. */
  aborted(): Promise<number>;
}

const { table } = definition;

/**
 * The module on a rig of its own under a stage record, as a service that may be moved runs it: each unit enters the epoch, and the register.
 * Its queue is filled from a copy of `most` jobs, since bulk loads are refused under a record.
 */
export async function recordedJobs(rig: Rig, stage: "postgres" | "mongo", most: number): Promise<Recorded> {
  const jobs = await policyJobsOf(rig);
  const { app, mongo } = jobs;
  const documents = mongo.db.collection(table);
  if (stage === "postgres") {
    await jobs.onPostgres.fill(most);
    await rig.sql(`create table public.template as select * from scheduler.${table}`);
  } else {
    await jobs.onMongo.fill(most);
    await documents.aggregate([{ $out: "template" }]).toArray();
  }
  const sides = {
    postgres: postgresSide(rig.replicator.pool, scheduler.name),
    mongo: mongoSide(mongo.db, scheduler.name),
  };
  await initialise({ sides, module: scheduler.name, stage, by: "bench", reason: "bench" });
  const module = await openScheduler({ postgres: app, mongo, stage: "record" });
  return {
    claim: claimsOf(module),
    async fill(count) {
      if (stage === "mongo") {
        await mongo.db
          .collection("template")
          .aggregate([{ $limit: count }, { $out: table }])
          .toArray();
        return;
      }
      await rig.sql(`truncate scheduler.${table}, cutover.register`);
      await rig.sql(`insert into scheduler.${table} select * from public.template limit ${count}`);
      await rig.sql(`vacuum analyze scheduler.${table}`);
    },
    async aborted() {
      const { transactions } = await mongo.db.admin().serverStatus();
      return Number(transactions.totalAborted);
    },
    async [Symbol.asyncDispose]() {
      await module.close();
      await jobs[Symbol.asyncDispose]();
    },
  };
}
