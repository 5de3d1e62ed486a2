import { dataError } from "./errors.ts";

export interface Backoff {
  readonly baseMs: number;
  /** What each further pause is multiplied by; 2 when left out. */
  readonly factor?: number;
  readonly maxMs: number;
  /** How many attempts there are in all. */
  readonly attempts: number;
}

/**
 * When the next attempt is due after the one that failed at `at`; null after the last. The same on every machine: no randomness.
 * @throws `BACKOFF_INVALID` (data)
 */
export function retryAt({ baseMs, factor = 2, maxMs, attempts }: Backoff, attempt: bigint, at: Date): Date | null {
  const sound = Number.isSafeInteger(attempts) && baseMs >= 0 && maxMs >= 0 && factor >= 1 && Number.isFinite(maxMs);
  if (!sound)
    throw dataError(
      "BACKOFF_INVALID",
      "a backoff has pauses of 0 ms or more, a factor of 1 or more, and a whole number of attempts",
    );
  if (attempt >= BigInt(attempts)) return null;
  const pause = Math.min(baseMs * factor ** Math.max(Number(attempt) - 1, 0), maxMs);
  return new Date(at.getTime() + Math.round(pause));
}
