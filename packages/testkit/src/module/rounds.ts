import type { ModuleWiring } from "@stellaops/cutover/open";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Calls } from "./calls.ts";
import { mongoRig, type MongoRig } from "./mongo-rig.ts";
import { postgresRig, type PostgresRig } from "./postgres-rig.ts";
import { verbsOf } from "./verbs.ts";
import { watchCommands, watchFlushes, type Watch } from "./watch.ts";

/**
 * Round trips of each verb: flushes on PostgreSQL bare and with the register (COMMIT is one of its own, where a verb writes), commands on
 * MongoDB bare and with the register (where a verb is a transaction, so that its commit counts).
 */
export type Rounds = Readonly<
  Record<string, readonly [postgres: number, postgresRegistered: number, mongo: number, mongoRegistered: number]>
>;

export interface RoundsOptions<R> {
  readonly wiring: ModuleWiring<R>;
  readonly calls: Calls<R>;
  readonly expected: Rounds;
}

/** The same for one thing and for twenty: what grows with the data is an N+1. */
export function roundsSuite<R>({ wiring, calls, expected }: RoundsOptions<R>): void {
  describe("round trips", () => {
    let postgres: readonly [PostgresRig<R>, PostgresRig<R>];
    let mongo: readonly [MongoRig<R>, MongoRig<R>];
    let watches: readonly Watch<unknown>[];
    beforeAll(async () => {
      const registered = true;
      postgres = await Promise.all([postgresRig(wiring), postgresRig(wiring, { registered })]);
      mongo = await Promise.all([mongoRig(wiring), mongoRig(wiring, { registered })]);
      watches = [...postgres.map(watchFlushes), ...mongo.map(watchCommands)];
    });
    afterAll(() => Promise.all([...postgres, ...mongo].map((rig) => rig.close())));

    const countAll = async (verb: string, n: number): Promise<readonly number[]> => {
      const counts: number[] = [];
      for (const [i, rig] of [...postgres, ...mongo].entries()) {
        const scope = rig.at("acme");
        const { prepare, run } = calls[verb]!;
        const prepared = (await prepare?.(scope, n)) as never;
        counts.push((await watches[i]!.during(() => run(scope, n, prepared))).length);
      }
      return counts;
    };

    it("knows every verb", () => {
      expect(Object.keys(calls).toSorted()).toEqual(verbsOf(wiring));
    });

    it.each(Object.keys(calls))("%s: as many round trips for twenty as for one", async (verb) => {
      const few = await countAll(verb, 1);
      expect(await countAll(verb, 20)).toEqual(few);
      expect(few).toEqual(expected[verb]);
    });
  });
}
