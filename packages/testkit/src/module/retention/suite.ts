import type { ModuleWiring, Scope } from "@stellaops/cutover/open";
import type { Aggregate, Purging } from "@stellaops/kernel";
import { describe, expect, it } from "vitest";
import { purgedByHand } from "./by-hand.ts";
import { thereAndNeverBack } from "./there-and-back.ts";

/** An append-only aggregate with the rule `retain`. */
export interface Retained<R> {
  readonly aggregate: Aggregate;
  /** Appends one of that age. */
  append(on: Scope<R>, id: string, at: Date): Promise<unknown>;
  of(on: Scope<R>): Purging;
}

export interface RetentionOptions<R> {
  readonly wiring: ModuleWiring<R>;
  readonly retained: readonly Retained<R>[];
}

/** What purges leave of append-only tables, while both databases are kept and where one is alone: the same at both, for ever. */
export function retentionSuite<R>({ wiring, retained }: RetentionOptions<R>): void {
  it("retention.all: every append-only aggregate with the rule is tried", () => {
    const ruled = wiring.aggregates.filter(({ appendOnly, retain }) => appendOnly && retain !== null);
    const tables = (all: readonly Aggregate[]) => all.map(({ table }) => table).toSorted();
    expect(tables(retained.map(({ aggregate }) => aggregate))).toEqual(tables(ruled));
  });
  describe.each(retained)("retention of $aggregate.table", (subject) => {
    it.each(["mongo", "postgres"] as const)(
      "retention.purge: from %s to the other, and never back",
      { timeout: 300_000 },
      async (primary) => {
        await expect(thereAndNeverBack(wiring, subject, primary)).resolves.toBeUndefined();
      },
    );
    it("retention.floor: services purge by the functions alone, their tenant's rows, and none that is young", async () => {
      await expect(purgedByHand(wiring, subject)).resolves.toBeUndefined();
    });
  });
}
