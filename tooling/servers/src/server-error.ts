export type ServerErrorCode =
  "SERVER_UNREACHABLE" | "SERVER_MISSING" | "SERVER_START_FAILED" | "SERVER_NOT_REPLICA_SET";

/** No server could be found or started. The message names what was tried and what to set. */
export class ServerError extends Error {
  override readonly name = "ServerError";
  readonly code: ServerErrorCode;

  constructor(code: ServerErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** The first line of what went wrong, for messages that list several attempts. */
export const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "";
