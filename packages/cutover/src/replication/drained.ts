import type { Drained } from "../change.ts";
import type { Replicas } from "./pair.ts";

/** One look at the old primary: nothing pending and nothing parked there. */
export const drainedOf =
  (replicas: Replicas): Drained =>
  async (from, after) => {
    const { pending, parked } = await replicas[from.database].backlog(after);
    return pending === 0 && parked === 0;
  };
