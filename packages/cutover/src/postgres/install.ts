import { fileURLToPath } from "node:url";

/** The schema `cutover` as the migrator takes it: owned by `cutover_owner`, used by `cutover_app` and `stella_replicator`. */
export const postgresSchema = {
  name: "cutover",
  schema: "cutover",
  migrations: fileURLToPath(new URL("../../migrations", import.meta.url)),
} as const;
