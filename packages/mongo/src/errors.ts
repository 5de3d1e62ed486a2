import {
  conflict,
  dataError,
  integrity,
  isDataLayerError,
  programming,
  transient,
  unavailable,
  unknownOutcome,
  type DataLayerError,
} from "@stellaops/kernel";

interface ServerError {
  readonly name: string;
  readonly code?: number | string;
  readonly message: string;
  hasErrorLabel?(label: string): boolean;
}

type Make = (error: ServerError, cause: unknown) => DataLayerError;
const again =
  (code: string): Make =>
  ({ message }, cause) =>
    transient(code, message, { cause });

/** Exact server code first. */
const exact: Readonly<Record<string, Make>> = {
  112: again("SERIALIZATION_FAILURE"),
  24: again("LOCK_TIMEOUT"),
  50: again("STATEMENT_TIMEOUT"),
  91: again("SERVER_SHUTDOWN"),
  11601: again("OPERATION_KILLED"),
  // A cursor that was killed, under a read that was waiting or before it: of a change stream this says nothing about its position.
  237: again("OPERATION_KILLED"),
  43: again("OPERATION_KILLED"),
  11600: again("SERVER_SHUTDOWN"),
  189: again("PRIMARY_CHANGED"),
  10107: again("PRIMARY_CHANGED"),
  13435: again("PRIMARY_CHANGED"),
  251: again("TRANSACTION_GONE"),
  121: ({ message }, cause) => integrity("CHECK_VIOLATION", message, { cause }),
  11000: duplicate,
  13: ({ message }, cause) => programming("NOT_PERMITTED", `${message}; check the roles of the user`, { cause }),
  18: ({ message }, cause) => unavailable("LOGIN_REFUSED", message, { cause }),
  20: ({ message }, cause) =>
    unavailable("MONGO_STANDALONE", `${message}; transactions need a replica set, one of a single member will do`, {
      cause,
    }),
};

/** `index: uq_advisories_advisory_key dup key: …`: the name is the one PostgreSQL's constraint has. */
function duplicate({ message }: ServerError, cause: unknown): DataLayerError {
  const index = /index: (\S+)/.exec(message)?.[1] ?? "";
  const table = /collection: [^.\s]+\.(\S+)/.exec(message)?.[1];
  if (index.startsWith("pk_") || index === "_id_")
    return conflict("REVISION_CONFLICT", `${table ?? "the document"} is already there`, { cause, details: { table } });
  const told = `duplicate key value violates unique constraint "${index}"`;
  return integrity("UNIQUE_VIOLATION", told, {
    cause: withoutValues(cause, told),
    details: { constraint: index, table },
  });
}

/** The server tells the values, which may be secrets; errors are logged. */
function withoutValues(cause: unknown, told: string): Error {
  const bare = new Error(told);
  if (cause instanceof Error) bare.name = cause.name;
  return Object.assign(bare, { code: 11000 });
}

const network =
  /^(Mongo(Network|ServerSelection|PoolCleared|PoolClosed|WaitQueue|TopologyClosed|NotConnected)|PoolClearedOnNetwork)/;
/** A bulk write that the connection failed under has the socket's code, or none: the driver names it after the bulk. */
const lostUnder = (error: ServerError): boolean =>
  (error.name === "MongoBulkWriteError" && typeof error.code !== "number") ||
  (typeof error.code === "string" && sockets.has(error.code)) ||
  stumbled(error);
/** Driver 7.9 asks whatever error a session ended with for its labels, also one of a socket that has none: seen under resets. */
const stumbled = ({ name, message }: ServerError): boolean =>
  name === "TypeError" && message.includes("hasErrorLabel is not a function");
const sockets: ReadonlySet<string> = new Set(["ECONNRESET", "ECONNREFUSED", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH"]);

/** Every error of the driver as one of the families: exact code, then label, then class of error; the cause is kept. */
export function mapError(error: unknown): DataLayerError {
  if (isDataLayerError(error)) return error;
  const server: ServerError = error instanceof Error ? error : { name: "", message: String(error) };
  const labelled = (label: string): boolean => server.hasErrorLabel?.(label) ?? false;
  if (labelled("UnknownTransactionCommitResult"))
    return unknownOutcome(
      "COMMIT_UNKNOWN",
      "the connection was lost while the unit was being committed; read the documents to see whether it was",
      { cause: error },
    );
  const make = exact[String(server.code)];
  if (make !== undefined) return make(server, error);
  // A counter that a verb would take beyond 64 bits: the server has no code of its own for it.
  if (server.code === 2 && server.message.includes("$inc"))
    return dataError("VALUE_OUT_OF_RANGE", server.message, { cause: error });
  if (labelled("TransientTransactionError")) return transient("TRANSACTION_ABORTED", server.message, { cause: error });
  if (network.test(server.name) || lostUnder(server))
    return unavailable("CONNECTION_LOST", `MongoDB: ${server.message}`, { cause: error });
  return unavailable("MONGO_UNEXPECTED", `MongoDB: ${server.message} (${server.code ?? server.name})`, {
    cause: error,
  });
}

/**
 * The driver has tried twice, and the connection was lost under both, or the pool was cleared for what befell another. `open`: a write that
 * stands alone may have been stored; otherwise nothing was, and the whole may be run again. A server that cannot be found at all stays unavailable.
 */
export function lostInFlight(error: DataLayerError, open: boolean): DataLayerError {
  if (error.code !== "CONNECTION_LOST" || !isInFlight(error.cause)) return error;
  return open
    ? unknownOutcome(
        "COMMIT_UNKNOWN",
        "the connection was lost while the write was under way; read the document to see whether it was stored",
        { cause: error },
      )
    : transient("CONNECTION_LOST", error.message, { cause: error });
}
/** Network errors and those of a pool that was cleared have this field, also when a bulk write has wrapped them. */
const isInFlight = (error: unknown): boolean =>
  error instanceof Error && ("beforeHandshake" in error || stumbled(error));

/** The transaction was ended, and nothing of it stored. */
export const unitTimeout = (capMs: number, cause: unknown): DataLayerError =>
  transient(
    "UNIT_TIMEOUT",
    `a unit of work took longer than ${capMs} ms; make it smaller: what is large is many units, and nothing slow belongs inside of one`,
    { cause, details: { capMs } },
  );

/** For `.catch(raised)`: throws the error as one of the families. */
export function raised(error: unknown): never {
  throw mapError(error);
}
