import { once } from "node:events";
import type { Db } from "mongodb";
import type { StageSignals } from "../stage/signals.ts";

/** How long the server holds one question open; it takes a connection of the pool. */
const holdMs = 5_000;

/** A change stream on the one document of `stage`. */
export const mongoSignals = (db: Db): StageSignals => ({
  async listen(heard, signal) {
    const stream = db.collection("stage").watch([], { maxAwaitTimeMS: holdMs });
    const over = new AbortController();
    const stopped = once(signal, "abort", over).catch(() => undefined);
    const listening = async (): Promise<void> => {
      // The first question opens the stream: what changed before it is learned by looking.
      await stream.tryNext();
      for (;;) {
        heard();
        await stream.next();
      }
    };
    const lost = listening();
    lost.catch(() => undefined);
    try {
      await Promise.race([lost, stopped]);
    } finally {
      over.abort();
      await stream.close().catch(() => undefined);
    }
  },
});
