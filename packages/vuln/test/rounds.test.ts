import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { calls } from "./calls.ts";
import { reads, writes } from "./commands.ts";
import { mongoRig, type MongoRig } from "./mongo-rig.ts";
import { postgresRig, type PostgresRig } from "./postgres-rig.ts";
import { watchCommands, watchFlushes, type Watch } from "./watch.ts";

/**
 * Round trips of each verb: flushes on PostgreSQL bare and with the register (COMMIT is one of its own, where a verb writes), commands on MongoDB bare and with the register (where a
 * verb is a transaction, so that its commit counts). The same for one thing and for twenty: what grows with the data is an N+1.
 */
const expected: Readonly<Record<string, readonly [number, number, number, number]>> = {
  "sources.get": [1, 2, 1, 2],
  "sources.list": [1, 2, 1, 3],
  "sources.findByKey": [1, 2, 1, 2],
  "sources.listEnabled": [1, 2, 1, 3],
  "sources.put": [2, 2, 1, 3],
  "sources.delete": [2, 2, 1, 3],
  "sourceStates.get": [1, 2, 1, 2],
  "sourceStates.list": [1, 2, 1, 3],
  "sourceStates.findBySource": [1, 2, 1, 2],
  "sourceStates.put": [2, 2, 1, 4],
  "sourceStates.delete": [2, 2, 1, 3],
  "sourceStates.advanceCursor": [2, 2, 1, 3],
  "sourceStates.recordFailure": [2, 2, 1, 3],
  "feedSnapshots.get": [1, 2, 1, 2],
  "feedSnapshots.list": [1, 2, 1, 3],
  "feedSnapshots.open": [2, 2, 1, 4],
  "feedSnapshots.addAdvisories": [2, 2, 2, 3],
  "feedSnapshots.seal": [3, 4, 2, 4],
  "feedSnapshots.diff": [1, 2, 1, 2],
  "advisories.get": [1, 2, 1, 2],
  "advisories.list": [1, 2, 1, 3],
  "advisories.put": [2, 2, 1, 4],
  "advisories.delete": [2, 2, 1, 3],
  "advisories.ingestBatch": [3, 4, 4, 7],
  "advisories.findByKey": [1, 2, 1, 2],
  "advisories.findByAlias": [1, 2, 1, 3],
  "advisories.findByPackage": [1, 2, 1, 3],
  "advisories.search": [1, 2, 1, 3],
  "advisories.listModifiedSince": [1, 2, 1, 3],
  "advisories.withdraw": [2, 2, 1, 3],
  "advisories.count": [1, 2, 1, 2],
  "kevFlags.get": [1, 2, 1, 2],
  "kevFlags.list": [1, 2, 1, 3],
  "kevFlags.replaceAll": [4, 4, 6, 10],
  "kevFlags.isKnownExploited": [1, 2, 1, 2],
  "mergeEvents.get": [1, 2, 1, 2],
  "mergeEvents.list": [1, 2, 1, 3],
  "mergeEvents.append": [2, 2, 2, 4],
  "mergeEvents.listByAdvisory": [1, 2, 1, 3],
};

describe("round trips", () => {
  let postgres: readonly [PostgresRig, PostgresRig];
  let mongo: readonly [MongoRig, MongoRig];
  let watches: readonly Watch<unknown>[];
  beforeAll(async () => {
    postgres = await Promise.all([postgresRig(), postgresRig({ registered: true })]);
    mongo = await Promise.all([mongoRig(), mongoRig({ registered: true })]);
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
    expect(Object.keys(calls).toSorted()).toEqual(Object.keys({ ...reads, ...writes }).toSorted());
  });

  it.each(Object.keys(calls))("%s: as many round trips for twenty as for one", async (verb) => {
    const few = await countAll(verb, 1);
    expect(await countAll(verb, 20)).toEqual(few);
    expect(few).toEqual(expected[verb]);
  });
});
