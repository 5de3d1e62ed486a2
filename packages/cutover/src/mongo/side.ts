import type { Db } from "mongodb";
import type { Side } from "../side.ts";
import { mongoFence } from "./fence.ts";
import { mongoInstances } from "./instances.ts";
import { mongoLeases } from "./lease.ts";
import { mongoRecords } from "./record.ts";
import { mongoSignals } from "./signals.ts";

/** MongoDB's half of the cutover of `module`, whose database `db` is. Its client must give Longs as bigint (`useBigInt64`). */
export const mongoSide = (db: Db, module: string): Side => ({
  database: "mongo",
  records: mongoRecords(db, module),
  fence: mongoFence(db),
  leases: mongoLeases(db),
  instances: mongoInstances(db),
  signals: mongoSignals(db),
});
