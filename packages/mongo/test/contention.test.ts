/**
 * Claimers in transactions, as under a live source: of two that claim one document the later is aborted and run again. Prints how often,
 * with the window of candidates and without.
 */
import { retryTransient, tenantId, type Register } from "@stellaops/kernel";
import { mongoDatabase, type MongoDatabase } from "@stellaops/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { contentionAt } from "../src/contention.ts";
import { indexesOf, openMongo, transaction, type Mongo } from "../src/index.ts";
import { errand, errands, Errands, newId, noon } from "./errands.ts";

const register: Register = { module: "trial", generation: 1n, pending: true, touched: () => {} };
const until = new Date(noon.getTime() + 3_600_000);
const at = new Date(noon.getTime() + 60_000);

let database: MongoDatabase;
beforeAll(async () => void (database = await mongoDatabase()));
afterAll(() => database.drop());

interface Measured {
  readonly claims: number;
  readonly conflicts: number;
  readonly jobs: number;
  readonly ms: number;
}

/** Claimers that take everything there is, each in turns of a unit of its own. */
async function measure(
  name: string,
  claimers: number,
  limit: number,
  jobs: number,
  window: boolean,
): Promise<Measured> {
  const mongo = openMongo({ url: database.url, max: claimers });
  const tenant = tenantId(name);
  try {
    await prepare(mongo);
    await transaction(mongo, { tenant }, (unit) =>
      new Errands(unit).offer(Array.from({ length: jobs }, (_, n) => errand(n))),
    );
    if (!window) contentionAt(mongo.db).collided = () => {};
    let [claims, conflicts] = [0, 0];
    const given: string[] = [];
    const claimer = async (_: unknown, i: number): Promise<void> => {
      for (;;) {
        const request = { limit, holder: `h${i}`, at, until, claimId: newId() };
        const claimed = await retryTransient(
          () => transaction(mongo, { tenant, register }, (unit) => new Errands(unit).claim(request)),
          { onRetry: () => (conflicts += 1), deadlineMs: 60_000 },
        );
        if (claimed.length === 0) return;
        claims += 1;
        given.push(...claimed.map(({ id }) => id));
      }
    };
    const begun = performance.now();
    await Promise.all(Array.from({ length: claimers }, claimer));
    expect([given.length, new Set(given).size]).toEqual([jobs, jobs]);
    return { claims, conflicts, jobs, ms: performance.now() - begun };
  } finally {
    await mongo.close();
  }
}

async function prepare({ db }: Mongo): Promise<void> {
  await db.createCollection("register").catch(() => undefined);
  await db
    .collection("errands")
    .createIndexes(
      indexesOf(errands).map(({ name, key, ...rest }) => ({ name, key: { ...key }, unique: rest.unique === true })),
    );
}

it("collide less often with a window of candidates than without", async () => {
  const lines: string[] = [];
  const per = new Map<string, number>();
  for (const limit of [1, 10])
    for (const claimers of [1, 4, 16])
      for (const window of [false, true]) {
        const name = `t${limit}-${claimers}-${window}`;
        const { claims, conflicts, jobs, ms } = await measure(name, claimers, limit, limit === 1 ? 160 : 800, window);
        per.set(name, conflicts / claims);
        lines.push(
          `${claimers} claimers of ${limit}, window ${window ? "on " : "off"}: ${(conflicts / claims).toFixed(2)} conflicts per claim, ${Math.round((jobs * 1000) / ms)} jobs/s`,
        );
      }
  console.info(lines.join("\n"));
  expect(per.get("t1-1-true")).toBe(0);
  for (const limit of [1, 10])
    expect(per.get(`t${limit}-16-true`)).toBeLessThan((per.get(`t${limit}-16-false`) ?? 0) / 2);
});
