import { mapError as mapMongo } from "@stellaops/mongo";
import { mapError as mapPostgres } from "@stellaops/postgres";
import { serverCode } from "../errors.ts";
import type { Copies, StageRecord } from "../record.ts";
import { readCopy, type Sides } from "../side.ts";
import type { Database } from "../stages.ts";

/** Why a database's copy of the stage record could not be read. */
export interface Failure {
  readonly database: Database;
  /** Of the error, such as `CONNECTION_LOST` or `LOGIN_REFUSED`. */
  readonly code: string;
  readonly message: string;
  /** A server is there and said no, or what it said is not understood: then it is not lost. */
  readonly answered: boolean;
}

export interface Look {
  readonly copies: Copies;
  /** Of the databases whose copy is undefined. */
  readonly failures: readonly Failure[];
}

/** Both copies, each read by itself, with the reason where one could not be. */
export async function lookAtBoth(sides: Sides, answerMs?: number): Promise<Look> {
  const [mongo, postgres] = await Promise.all([look("mongo"), look("postgres")]);
  return {
    copies: { mongo: mongo.copy, postgres: postgres.copy },
    failures: [mongo.failure, postgres.failure].filter((failure) => failure !== undefined),
  };

  async function look(database: Database): Promise<{ copy: StageRecord | null | undefined; failure?: Failure }> {
    try {
      return { copy: await readCopy(sides[database], answerMs) };
    } catch (error) {
      return { copy: undefined, failure: failureOf(database, error) };
    }
  }
}

const silence: ReadonlySet<unknown> = new Set(["NO_ANSWER", "CONNECTION_LOST"]);
/** Ways of not being there that the drivers' errors are not mapped for: no route, and no socket file. */
const unreachable: ReadonlySet<unknown> = new Set(["ENETUNREACH", "ENETDOWN", "EHOSTDOWN", "ENOENT"]);

function failureOf(database: Database, error: unknown): Failure {
  const { code, message, cause } = (database === "mongo" ? mapMongo : mapPostgres)(error);
  const silent = (silence.has(code) && !knowsServers(cause)) || unreachable.has(serverCode(cause));
  return { database, code, message, answered: !silent };
}

/** MongoDB's driver found members of the replica set, and no primary among them. */
function knowsServers(cause: unknown): boolean {
  if (!(cause instanceof Error) || !("reason" in cause)) return false;
  const { reason } = cause;
  if (typeof reason !== "object" || reason === null || !("servers" in reason)) return false;
  const { servers } = reason;
  return (
    servers instanceof Map &&
    [...servers.values()].some((one: { readonly type?: unknown }) => one.type !== "Unknown" && one.type !== undefined)
  );
}

/** What to do about a server that answers and cannot be read. */
export const fixOf = ({ code, database }: Failure): string => fixes[code] ?? `see what ${database} says, and try again`;

const fixes: Readonly<Record<string, string>> = {
  LOGIN_REFUSED: "give the user and the password that it knows, and try again",
  DATABASE_MISSING: "give the name of the module's database, and try again",
  NOT_PERMITTED: "give a login that may read the stage record, and try again",
  STATEMENT_INVALID: "give the database that holds the stage record, with its migrations applied, and try again",
  TOO_MANY_CONNECTIONS: "wait until connections are free, and try again",
  SERVER_STARTING: "wait until it has started, and try again",
  SERVER_SHUTDOWN: "wait until it is up again, and try again",
  CONNECTION_LOST: "see that the replica set has a primary, and try again",
};

/** `postgres: LOGIN_REFUSED (password authentication failed …)`, for a message. */
export const reasonsOf = (failures: readonly Failure[]): string =>
  failures.map(({ database, code, message }) => `${database}: ${code} (${message})`).join("; ");
