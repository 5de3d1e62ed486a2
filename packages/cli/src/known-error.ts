import { DataLayerError, isDataLayerError, refused } from "@stellaops/kernel";
import { mapError as mapMongo } from "@stellaops/mongo";
import { mapError as mapPostgres } from "@stellaops/postgres";
import { fileError } from "./files.ts";

/** Network errors of Node have a text as code (`ECONNREFUSED`), errors of PostgreSQL five characters. */
const ofPostgres = /^(?:[0-9A-Z]{5}|E[A-Z_]+)$/;

/** Any error as one of ours: what a driver threw is mapped, what nobody expected is told as such. */
export function knownError(error: unknown): DataLayerError {
  if (isDataLayerError(error)) return withoutSchema(error) ?? error;
  const ofFile = fileError(error);
  if (ofFile !== null) return ofFile;
  if (error instanceof Error && error.name.startsWith("Mongo")) return mapMongo(error);
  if (error instanceof Error && "code" in error && ofPostgres.test(String(error.code))) {
    const mapped = mapPostgres(error);
    return withoutSchema(mapped) ?? mapped;
  }
  const message = error instanceof Error ? error.message : String(error);
  return new DataLayerError("programming", "UNEXPECTED", `${message}; run again with --debug to see where`, {
    cause: error,
  });
}

/** A table that is not there yet (`undefined_table`); null: it is another error. */
function withoutSchema(error: DataLayerError): DataLayerError | null {
  const { code, cause, message } = error;
  if (code !== "STATEMENT_INVALID") return null;
  if (!(cause instanceof Error && "code" in cause && cause.code === "42P01")) return null;
  return refused("MIGRATIONS_NOT_CLEAN", `${message}; run \`stella-data migrate apply\` for this module first`, {
    cause: error,
  });
}
