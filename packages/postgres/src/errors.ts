import {
  conflict,
  integrity,
  isDataLayerError,
  programming,
  refused,
  transient,
  unavailable,
  unknownOutcome,
  type DataLayerError,
} from "@stellaops/kernel";

interface ServerError {
  readonly code?: string;
  readonly message: string;
  readonly constraint?: string;
  readonly table?: string;
  readonly detail?: string;
  readonly hint?: string;
}

type Make = (error: ServerError, cause: unknown) => DataLayerError;
const again =
  (code: string): Make =>
  ({ message }, cause) =>
    transient(code, message, { cause });
const broken =
  (code: string): Make =>
  ({ constraint, table, message }, cause) =>
    integrity(code, message, { cause, details: { constraint, table } });
const mistake =
  (code: string): Make =>
  ({ message }, cause) =>
    programming(code, message, { cause });

/** Exact SQLSTATE first. */
const exact: Readonly<Record<string, Make>> = {
  "40001": again("SERIALIZATION_FAILURE"),
  "40P01": again("DEADLOCK"),
  "55P03": again("LOCK_TIMEOUT"),
  "57P01": again("SERVER_SHUTDOWN"),
  "57P02": again("SERVER_SHUTDOWN"),
  "57P03": again("SERVER_STARTING"),
  "53300": again("TOO_MANY_CONNECTIONS"),
  "57014": again("STATEMENT_TIMEOUT"),
  // Raised by the schema cutover: an epoch or a generation is over, or the unit runs at a level that would hide it.
  ST001: again("FENCED"),
  ST002: ({ message }, cause) => refused("APPLY_FENCED", message, { cause }),
  ST003: mistake("FENCE_ISOLATION"),
  "23505": ({ constraint, table, message }, cause) =>
    constraint?.startsWith("pk_")
      ? conflict("REVISION_CONFLICT", `${table ?? "the row"} is already there`, { cause, details: { table } })
      : broken("UNIQUE_VIOLATION")({ constraint: constraint ?? "", table: table ?? "", message }, cause),
  "23514": broken("CHECK_VIOLATION"),
  "23502": broken("NOT_NULL_VIOLATION"),
  "23503": broken("REFERENCE_VIOLATION"),
  "42501": ({ message }, cause) =>
    programming("NOT_PERMITTED", `${message}; check the tenant of the unit and the role's grants`, { cause }),
};

/** Then the class: the first two characters. */
const classes: Readonly<Record<string, Make>> = {
  "08": ({ message }, cause) => unavailable("CONNECTION_LOST", message, { cause }),
  "28": ({ message }, cause) => unavailable("LOGIN_REFUSED", message, { cause }),
  "3D": ({ message }, cause) => unavailable("DATABASE_MISSING", message, { cause }),
  "53": ({ message }, cause) => unavailable("SERVER_RESOURCES", message, { cause }),
  "22": mistake("VALUE_REFUSED_BY_SERVER"),
  "42": mistake("STATEMENT_INVALID"),
};

const network = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EHOSTUNREACH", "EAI_AGAIN"]);
const lost = /Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect/;

/** Every error of pg as one of the families: exact code, then class, then unknown; the cause is kept. */
export function mapError(error: unknown): DataLayerError {
  if (isDataLayerError(error)) return error;
  const server: ServerError = error instanceof Error ? error : { message: String(error) };
  const code = server.code ?? "";
  const make = exact[code] ?? (code.length === 5 ? classes[code.slice(0, 2)] : undefined);
  if (make !== undefined) return make(server, error);
  if (network.has(code) || lost.test(server.message))
    return unavailable("CONNECTION_LOST", `PostgreSQL: ${server.message}`, { cause: error });
  return unavailable("POSTGRES_UNEXPECTED", `PostgreSQL: ${server.message} (${code || "no code"})`, { cause: error });
}

/** A connection lost after a write was sent leaves open whether it was committed. */
export function lostInFlight(error: DataLayerError, writing: boolean): DataLayerError {
  if (error.code !== "CONNECTION_LOST" && error.code !== "SERVER_SHUTDOWN") return error;
  return writing
    ? unknownOutcome(
        "COMMIT_UNKNOWN",
        "the connection was lost while the unit was being committed; read the rows to see whether it was",
        { cause: error },
      )
    : transient("CONNECTION_LOST", error.message, { cause: error });
}
