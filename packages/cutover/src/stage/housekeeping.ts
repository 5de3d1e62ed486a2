import type { Logger } from "@stellaops/kernel";
import { Latch } from "../latch.ts";
import type { Sides } from "../side.ts";
import type { StageView } from "../view.ts";
import { within } from "../within.ts";

export interface Housekeeping {
  readonly sides: Sides;
  readonly current: () => StageView;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

const everyMs = 60_000;

/** What need not be done at once: once a minute, until the signal is given. */
export async function keepHouse({ sides, current, signal, logger }: Housekeeping): Promise<void> {
  for (;;) {
    await new Latch().next(everyMs, signal);
    if (signal.aborted) return;
    const { epoch, generation } = current();
    for (const { fence, instances } of Object.values(sides))
      for (const work of [fence.tidy(epoch, generation), instances.forgetSilent()])
        await within(everyMs, work).catch((error: unknown) => {
          logger.debug({ error }, "what others left behind could not be removed; it does no harm");
        });
  }
}
