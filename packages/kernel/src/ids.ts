import { v7 } from "uuid";
import type { Clock } from "./clock.ts";

/** Makes the ids of rows and documents: in the application, so that both databases hold the same one. */
export interface IdSource {
  next(): string;
}

/** UUIDv7 of the clock's instant: ids made later sort later, within one process. */
export function uuidV7(clock: Clock): IdSource {
  let last = 0;
  let sequence = 0;
  return {
    next() {
      const msecs = Math.max(clock.now().getTime(), last);
      sequence = msecs === last ? sequence + 1 : 0;
      last = msecs;
      return v7({ msecs, seq: sequence });
    },
  };
}

/** Repeats byte for byte for the same clock and seed: for tests, demos and exports that are compared. */
export function seededIds(clock: Clock, seed: number): IdSource {
  let state = seed >>> 0 || 1;
  let sequence = 0;
  const byte = (): number => {
    // xorshift32: enough to spread ids, and the same everywhere.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state & 0xff;
  };
  return {
    next() {
      const random = Uint8Array.from({ length: 16 }, byte);
      return v7({ msecs: clock.now().getTime(), seq: sequence++, random });
    },
  };
}
