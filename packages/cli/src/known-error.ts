import { DataLayerError, isDataLayerError } from "@stellaops/kernel";
import { mapError as mapMongo } from "@stellaops/mongo";
import { mapError as mapPostgres } from "@stellaops/postgres";

/** Network errors of Node have a text as code (`ECONNREFUSED`), errors of PostgreSQL five characters. */
const ofPostgres = /^(?:[0-9A-Z]{5}|E[A-Z_]+)$/;

/** Any error as one of ours: what a driver threw is mapped, what nobody expected is told as such. */
export function knownError(error: unknown): DataLayerError {
  if (isDataLayerError(error)) return error;
  if (error instanceof Error && error.name.startsWith("Mongo")) return mapMongo(error);
  if (error instanceof Error && "code" in error && ofPostgres.test(String(error.code))) return mapPostgres(error);
  const message = error instanceof Error ? error.message : String(error);
  return new DataLayerError("programming", "UNEXPECTED", `${message}; run again with --debug to see where`, {
    cause: error,
  });
}
