import { isDataLayerError, programming, refused, transient, unavailable } from "@stellaops/kernel";
import type { MigrationFile } from "../files/read.ts";
import { isConnectionLoss, isContention, sqlStateOf } from "../sql/state.ts";
import type { Run } from "./run.ts";

/** What an error of a migration means for whoever started it. */
export function failureOf(run: Run, file: MigrationFile, line: number | undefined, cause: unknown): unknown {
  if (isDataLayerError(cause)) return cause;
  if (run.signal?.aborted === true) return run.signal.reason;
  const at = line === undefined ? file.name : `${file.name}:${line}`;
  const options = { cause, details: { file: file.name, line, sqlState: sqlStateOf(cause) } };
  const message = cause instanceof Error ? cause.message : String(cause);
  if (isConnectionLoss(cause))
    return unavailable(
      "MIGRATION_CONNECTION_LOST",
      `the connection, and with it the lock, was lost at ${at}: ${message}; run again, it goes on from what is recorded`,
      options,
    );
  // query_canceled: by statement_timeout, since an abort was looked at above
  if (sqlStateOf(cause) === "57014" && run.deadline !== undefined && performance.now() >= run.deadline - 50)
    return startupTimeout(run, at, options);
  if (isContention(cause))
    return transient(
      "MIGRATION_CONTENTION",
      `${at}: ${message}; something holds a lock on what the file changes`,
      options,
    );
  return programming("MIGRATION_FAILED", `${at}: ${message}`, options);
}

export const startupTimeout = (
  run: Run,
  at: string,
  options: { readonly cause?: unknown; readonly details?: object } = {},
) =>
  refused(
    "MIGRATION_STARTUP_TIMEOUT",
    `the startup migrations of ${run.module.name} did not end in time (at ${at}); what takes longer is a release (100 and up) or a data (DM) migration, run by \`stella-data migrate apply --module ${run.module.name}\``,
    { ...options, details: { ...options.details } },
  );
