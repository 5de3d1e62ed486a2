import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { workers } from "../aggregates.ts";
import { beating, cleanExpiry, namesOf, restarted, startedWorker } from "../domain/workers.ts";
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

  /** No update gives back what it changed of several: what is chosen is chosen in the snapshot that it is changed in. */
  async expire(expiry: Expiry) {
    const { before, limit, at } = cleanExpiry(expiry);
    return this.atomically(async (repository) => {
      const silent = { status: { $ne: "expired" }, heartbeatAt: { $lt: before } } as const;
      const first = { sort: { heartbeatAt: 1, id: 1 }, limit } as const;
      const found = await repository.pick(silent, ["workerId", "heartbeatAt"], first);
      await repository.changeAll(found, { $set: { status: "expired", updatedAt: at } });
      return namesOf(found);
    });
  }
}
