import {
  conflict,
  dataError,
  integrity,
  isDataLayerError,
  programming,
  refused,
  transient,
  unavailable,
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

const smaller = "make it smaller: what is large is many units, and nothing slow belongs inside of one";
function outlived({ message }: ServerError, cause: unknown): DataLayerError {
  return transient("UNIT_TIMEOUT", `${message}; ${smaller}`, { cause });
}

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
  "25P03": outlived,
  "25P04": outlived,
  // Raised by the schema cutover: an epoch or a generation is over, or the unit runs at a level that would hide it.
  ST001: again("FENCED"),
  ST002: ({ message }, cause) => refused("APPLY_FENCED", message, { cause }),
  ST003: mistake("FENCE_ISOLATION"),
  // Raised where `freeze` guards what never changes.
  ST004: ({ message, table }, cause) => conflict("IMMUTABLE", message, { cause, details: { table } }),
  // Raised where `retain` guards an append-only table.
  ST006: ({ message }, cause) => dataError("RETENTION_TOO_SHORT", message, { cause }),
  "23505": ({ constraint, table, message }, cause) =>
    constraint?.startsWith("pk_")
      ? conflict("REVISION_CONFLICT", `${table ?? "the row"} is already there`, { cause, details: { table } })
      : broken("UNIQUE_VIOLATION")({ constraint: constraint ?? "", table: table ?? "", message }, cause),
  "23514": broken("CHECK_VIOLATION"),
  "23502": broken("NOT_NULL_VIOLATION"),
  "23503": broken("REFERENCE_VIOLATION"),
  // A counter that a verb would take beyond 64 bits.
  "22003": ({ message }, cause) => dataError("VALUE_OUT_OF_RANGE", message, { cause }),
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
/** pg's own words where its clock ran out. */
export const unanswered = ({ message }: { readonly message: string }): boolean => message === "Query read timeout";
const lost = /Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect/;

/** Every error of pg as one of the families: exact code, then class, then unknown; the cause is kept. */
export function mapError(error: unknown): DataLayerError {
  if (isDataLayerError(error)) return error;
  const server: ServerError = error instanceof Error ? error : { message: String(error) };
  const code = server.code ?? "";
  const make = exact[code] ?? (code.length === 5 ? classes[code.slice(0, 2)] : undefined);
  if (make !== undefined) return make(server, error);
  if (network.has(code) || lost.test(server.message) || unanswered(server))
    return unavailable("CONNECTION_LOST", `PostgreSQL: ${server.message}`, { cause: error });
  return unavailable("POSTGRES_UNEXPECTED", `PostgreSQL: ${server.message} (${code || "no code"})`, { cause: error });
}

/** Before COMMIT was sent, or where it is known not to have been stored: the whole may be run again. */
export const lostInFlight = (error: DataLayerError): DataLayerError =>
  error.code === "CONNECTION_LOST" || error.code === "SERVER_SHUTDOWN"
    ? transient("CONNECTION_LOST", error.message, { cause: error })
    : error;

/** A connection that was made, and ended before anything was asked on it. One that cannot be made at all stays unavailable. */
export const lostAtLogin = (error: DataLayerError): DataLayerError =>
  error.code === "CONNECTION_LOST" &&
  /Connection terminated|ECONNRESET|EPIPE/.test(error.message) &&
  !/timeout/.test(error.message)
    ? lostInFlight(error)
    : error;

/** The connection went on after this, and the transaction was rolled back. Where the server translates its words, nothing counts as that. */
export const answered = ({ cause }: DataLayerError): boolean =>
  cause instanceof Error && "severity" in cause && cause.severity === "ERROR";

const ending = new Set([
  "CONNECTION_LOST",
  "SERVER_SHUTDOWN",
  "SERVER_STARTING",
  "UNIT_TIMEOUT",
  "POSTGRES_UNEXPECTED",
]);
/** After this the connection is gone, or may be. */
export const endsConnection = (error: DataLayerError): boolean => ending.has(error.code) && !answered(error);

/** The server has ended the unit, and its connection: nothing of it was stored. */
export const unitTimeout = (capMs: number, cause?: unknown): DataLayerError =>
  transient("UNIT_TIMEOUT", `a unit of work took longer than ${capMs} ms; ${smaller}`, { cause, details: { capMs } });

/** For `.catch(raised)`: throws the error as one of the families. */
export function raised(error: unknown): never {
  throw mapError(error);
}
