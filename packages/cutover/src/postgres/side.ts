import type { Pool } from "pg";
import type { Side } from "../side.ts";
import { postgresFence } from "./fence.ts";
import { postgresInstances } from "./instances.ts";
import { postgresLeases } from "./lease.ts";
import { postgresRecords } from "./record.ts";
import { postgresSignals } from "./signals.ts";

/** PostgreSQL's half of the cutover of `module`. The pool's role must be a member of `cutover_app`. */
export const postgresSide = (pool: Pool, module: string): Side => ({
  database: "postgres",
  records: postgresRecords(pool, module),
  fence: postgresFence(pool, module),
  leases: postgresLeases(pool, module),
  instances: postgresInstances(pool, module),
  signals: postgresSignals(pool, module),
});
