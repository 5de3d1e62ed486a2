import type { Pool } from "pg";

/** For the server's own end of a statement to arrive. */
const marginMs = 2_000;

/**
 * Milliseconds after which a flush without an answer is lost: the server would have ended it by then. 0 where the server lets a statement
 * take any time.
 */
export function answerWithin({ options }: Pool, capMs?: number): number {
  const limit = Number(capMs ?? options.statement_timeout ?? 0);
  return limit === 0 ? 0 : limit + marginMs;
}
