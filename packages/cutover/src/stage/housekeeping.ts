import type { Logger } from "@stellaops/kernel";
import { Latch } from "../latch.ts";
import { settle } from "../record.ts";
import { readCopies, type Sides } from "../side.ts";
import type { StageView } from "../view.ts";
import { within } from "../within.ts";

export interface Housekeeping {
  readonly sides: Sides;
  readonly current: () => StageView;
  /** Finishes what is under way, which retires the copy of a database that was given up as lost and is back. */
  readonly retire?: () => Promise<void>;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

const everyMs = 60_000;

/** What need not be done at once: once a minute, until the signal is given. */
export async function keepHouse({ sides, current, retire, signal, logger }: Housekeeping): Promise<void> {
  for (;;) {
    await new Latch().next(everyMs, signal);
    if (signal.aborted) return;
    const found = settle(await readCopies(sides));
    if (found.kind === "settled" && found.older !== undefined) await retire?.();
    const { epoch, generation } = current();
    for (const side of Object.values(sides))
      await within(everyMs, side.fence.tidy(epoch, generation)).catch((error: unknown) => {
        logger.debug({ error }, "what units left behind could not be removed; it does no harm");
      });
  }
}
