import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { workers } from "../aggregates.ts";
import { beating, cleanExpiry, expired, longestSilent, namesOf, restarted, startedWorker } from "../domain/workers.ts";
import type { Expiry, Heartbeat, Registration, Workers } from "../repositories/workers.ts";

const verbs = table(workers);

export class MongoWorkers extends MongoRepository<typeof workers> implements Workers {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async register(registration: Registration) {
    return (await this.changeOne(restarted(registration))) ?? this.createOne(startedWorker(registration));
  }

  async heartbeat(heartbeat: Heartbeat) {
    return this.changeOne(beating(heartbeat));
  }

  /** No update gives back what it changed of several: those that are written at the revision they were read at are this caller's. */
  async expire(expiry: Expiry) {
    const { before, limit, at } = cleanExpiry(expiry);
    return this.atomically(async (repository) => {
      const silent = await repository.own({ status: { $ne: "expired" }, heartbeatAt: { $lt: before } });
      const first = longestSilent(silent).slice(0, limit);
      await repository.writeAll({ replace: first.map((worker) => expired(worker, at)) });
      return namesOf(first);
    });
  }
}
