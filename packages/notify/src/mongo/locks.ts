import { MongoLocks, table, type Unit } from "@stellaops/mongo";
import { locks } from "../aggregates.ts";
import type { Locks } from "../repositories/locks.ts";

const verbs = table(locks);

export class MongoNotifyLocks extends MongoLocks<typeof locks> implements Locks {
  constructor(unit: Unit) {
    super(unit, verbs);
  }
}
