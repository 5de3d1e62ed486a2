import type { ModuleWiring, Scope } from "@stellaops/cutover/open";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { outcomeOf, type Outcome } from "../contract.ts";
import { hazardList, type Hazard } from "./hazard-list.ts";
import { mongoRig, type MongoRig } from "./mongo-rig.ts";
import { postgresRig, type PostgresRig } from "./postgres-rig.ts";

interface Rigs<R> {
  readonly postgres: PostgresRig<R>;
  readonly mongo: MongoRig<R>;
}

/** What cases work on; inside of tests only. */
export interface Both<R> {
  /** The same on both databases; gives what they agreed on. */
  both(work: (scope: Scope<R>) => Promise<unknown>, tenant?: string): Promise<Outcome>;
  rigs(): Rigs<R>;
}

/** A case, or the reason why the module cannot meet it or where else it is tested. */
export type HazardCases = Readonly<Record<Hazard, (() => Promise<unknown>) | { readonly reason: string }>>;

export interface HazardOptions<R> {
  /** How many have a case. */
  readonly here: number;
  readonly cases: (on: Both<R>) => HazardCases;
  /** Further tests on the same databases, emptied after each. */
  readonly beside?: (on: Both<R>) => void;
}

export function hazardsSuite<R>(wiring: ModuleWiring<R>, { here, cases, beside }: HazardOptions<R>): void {
  describe("hazards", () => {
    let rigs: Rigs<R>;
    beforeAll(async () => {
      const [postgres, mongo] = await Promise.all([postgresRig(wiring), mongoRig(wiring)]);
      rigs = { postgres, mongo };
    });
    afterEach(() => Promise.all([rigs.postgres.reset(), rigs.mongo.reset()]));
    afterAll(() => Promise.all([rigs.postgres.close(), rigs.mongo.close()]));

    const on: Both<R> = {
      async both(work, tenant = "acme") {
        const [postgres, mongo] = await Promise.all([
          outcomeOf(() => work(rigs.postgres.at(tenant))),
          outcomeOf(() => work(rigs.mongo.at(tenant))),
        ]);
        expect(mongo).toEqual(postgres);
        return postgres;
      },
      rigs: () => rigs,
    };
    const all = cases(on);
    const held = Object.entries(all).flatMap(([name, one]) => (typeof one === "function" ? [{ name, one }] : []));
    const reasons = Object.values(all).flatMap((one) => (typeof one === "function" ? [] : [one.reason]));

    it.each(held)("hazard $name: the same on both databases", async ({ one }) => {
      await expect(one()).resolves.toBeUndefined();
    });

    it("hazards.all: every line of the list has a case or a reason", () => {
      expect(Object.keys(all).toSorted()).toEqual(hazardList.toSorted());
      expect([held.length, reasons.length]).toEqual([here, hazardList.length - here]);
      for (const reason of reasons) expect(reason).toMatch(/\w{3}/);
    });

    beside?.(on);
  });
}
