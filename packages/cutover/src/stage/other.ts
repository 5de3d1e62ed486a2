import type { Latch } from "../latch.ts";
import { settle, type Copies, type StageRecord } from "../record.ts";
import { readCopy, type Sides } from "../side.ts";
import type { KnownSituation } from "../situation.ts";
import { otherDatabase } from "../stages.ts";

/** What one of the two copies says alone. */
type Held = Exclude<KnownSituation, { readonly kind: "moved" }>;

export interface Watching {
  readonly sides: Sides;
  /** The primary's copy while it is settled, which is then the only one that is followed; null while both are read. */
  readonly settled: () => StageRecord | null;
  /** Somebody wants a look at once. */
  readonly wanted: Latch;
  /** Gets what the other copy says, with the primary's as it was known. */
  readonly found: (found: Held, copy: StageRecord | null) => void;
  readonly signal: AbortSignal;
}

/** How often the database that is not the primary is looked at: it may have been told to go on without the primary. */
const everyMs = 500;

/**
 * Looks at the copy of the database that is not the primary, one look at a time: one that hangs delays nothing. Whoever was given up as lost
 * would go on as if nothing had been, since nobody told it.
 */
export async function watchOther({ sides, settled, wanted, found, signal }: Watching): Promise<void> {
  let asking = false;
  const ask = async (primary: StageRecord): Promise<void> => {
    const copy = await readCopy(sides[otherDatabase(primary.database)]).catch(() => undefined);
    if (copy === undefined || signal.aborted) return;
    const copies: Copies = { mongo: copy, postgres: copy, [primary.database]: primary };
    const both = settle(copies);
    if ("at" in both && both.kind !== "moved") found(both, copy);
  };
  while (!signal.aborted) {
    await wanted.next(everyMs, signal);
    const primary = settled();
    if (signal.aborted || asking || primary === null) continue;
    asking = true;
    // Not waited for at the end.
    void ask(primary).finally(() => (asking = false));
  }
}
