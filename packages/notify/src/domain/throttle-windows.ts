/** How many events a fixed window takes, and how many of the current one are gone. */
export interface Throttle {
  readonly windowStart: Date;
  readonly windowSeconds: number;
  readonly maxEvents: bigint;
  readonly events: bigint;
}

/** What becomes of `n` more events: all of them or none. */
export interface Throttled {
  readonly allowed: boolean;
  /** How many more this window takes. */
  readonly left: bigint;
  /** When the next window begins. */
  readonly resetsAt: Date;
  readonly windowStart: Date;
  readonly events: bigint;
}

/**
 * Windows lie next to each other from `windowStart` on. An instant before it is of the current window: a clock that goes back gives nobody
 * more than was left.
 */
export function throttle({ windowStart, windowSeconds, maxEvents, events }: Throttle, n: bigint, at: Date): Throttled {
  const length = windowSeconds * 1_000;
  const passed = Math.max(0, Math.floor((at.getTime() - windowStart.getTime()) / length));
  const start = windowStart.getTime() + passed * length;
  const used = passed === 0 ? events : 0n;
  const allowed = used + n <= maxEvents;
  const now = allowed ? used + n : used;
  return {
    allowed,
    left: now < maxEvents ? maxEvents - now : 0n,
    resetsAt: new Date(start + length),
    windowStart: new Date(start),
    events: now,
  };
}
