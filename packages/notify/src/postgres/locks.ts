import { PostgresLocks, table, type Unit } from "@stellaops/postgres";
import { locks } from "../aggregates.ts";
import type { Locks } from "../repositories/locks.ts";
import type { DB } from "./generated/database.ts";

const verbs = table<DB, "locks", typeof locks>(locks);

export class PostgresNotifyLocks extends PostgresLocks<typeof locks> implements Locks {
  constructor(unit: Unit) {
    super(unit, verbs);
  }
}
