import { codeOf, silent, type Logger } from "@stellaops/kernel";
import { Latch } from "../latch.ts";
import type { Side, Sides } from "../side.ts";
import type { Database } from "../stages.ts";

/** Tells that one database's copy of the stage record may have changed. Only a hint: whoever hears it reads the record. */
export interface StageSignals {
  /**
   * Calls `heard` once it listens and after every change, until the signal is given; then it returns.
   * Throws when the connection is lost, and `LISTEN_UNHEARD` (refused) where nothing can be heard at all.
   */
  listen(heard: () => void, signal: AbortSignal): Promise<void>;
}

export interface Listening {
  readonly sides: Sides;
  readonly heard: (database: Database) => void;
  readonly signal: AbortSignal;
  readonly logger?: Logger;
}

/** Listens at both databases until the signal is given, again and again when a connection is lost. Never throws: polling stands behind it. */
export async function listenToBoth({ sides, ...rest }: Listening): Promise<void> {
  await Promise.all([sides.mongo, sides.postgres].map((side) => listenTo(side, rest)));
}

async function listenTo(side: Side, { heard, signal, logger = silent }: Omit<Listening, "sides">): Promise<void> {
  let failures = 0;
  const hear = (): void => {
    failures = 0;
    heard(side.database);
  };
  while (!signal.aborted) {
    try {
      await side.signals.listen(hear, signal);
    } catch (error) {
      const { database } = side;
      if (codeOf(error) === "LISTEN_UNHEARD") {
        logger.info({ error, database }, "the stage record is polled at this database, not listened to");
        return;
      }
      logger.debug({ error, database }, "listening for changes of the stage was interrupted; polling goes on");
    }
    await new Latch().next(Math.min(100 * 2 ** failures, 30_000), signal);
    failures += 1;
  }
}
