import { tenantId } from "@stellaops/kernel";
import { mongoDatabase, type MongoDatabase } from "@stellaops/testkit";
import { mongoFaults, type MongoFault, type MongoMoment, type WireProxy } from "@stellaops/testkit/faults";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { mapError, openMongo, singleUnit, transaction, type Mongo, type Unit } from "../src/index.ts";

const tenant = tenantId("acme");
let database: MongoDatabase;
let proxy: WireProxy;
/** Through the proxy, and straight. */
let mongo: Mongo;
let direct: Mongo;
/** Taken from the front: what happens to the next commitTransaction, or to the next operation. */
let faults: MongoFault[] = [];
let moment: MongoMoment = "commit";

beforeAll(async () => {
  database = await mongoDatabase();
  proxy = await mongoFaults(database.url, (at) => (at === moment ? faults.shift() : undefined));
  mongo = openMongo({ url: proxy.url, connectTimeoutMs: 5_000 });
  direct = openMongo({ url: database.url });
  await direct.db.createCollection("counts");
});
beforeEach(async () => {
  [faults, moment] = [[], "commit"];
  await direct.db.collection("counts").deleteMany({});
});
afterAll(async () => {
  await mongo.close();
  await direct.close();
  await proxy[Symbol.asyncDispose]();
  await database.expectNoLeaks();
  await database.drop();
});

const counts = ({ db }: { readonly db: Unit["db"] }) => db.collection<{ _id: string; count: number }>("counts");
const stored = async (): Promise<number> => (await counts(direct).findOne({ _id: "one" }))?.count ?? 0;
/** Not idempotent: applied twice it is seen. */
const add = async (unit: Unit): Promise<number> => {
  const options = unit.session === undefined ? {} : { session: unit.session };
  const after = await counts(unit)
    .findOneAndUpdate({ _id: "one" }, { $inc: { count: 1 } }, { upsert: true, returnDocument: "after", ...options })
    .catch(mapped);
  return after?.count ?? 0;
};

/** As a repository does. */
function mapped(error: unknown): never {
  throw mapError(error);
}

describe("a connection that is lost in COMMIT", () => {
  it.each(["answer lost", "cut", "cut in flight"] as const)("gives the unit's answer, once (%s)", async (fault) => {
    for (let round = 1; round <= 5; round += 1) {
      // Twice more than the driver tries by itself.
      faults = [fault, fault, fault];
      expect(await transaction(mongo, { tenant }, add)).toBe(round);
      expect([await stored(), faults]).toEqual([round, []]);
    }
  });

  it("is transient when the server has ended the transaction meanwhile", async () => {
    const ended = transaction(mongo, { tenant }, async (unit) => {
      await add(unit);
      faults = ["cut", "cut"];
      await direct.client.db("admin").command({ killSessions: [unit.session?.id] });
    });
    await expect(ended).rejects.toMatchObject({ code: "TRANSACTION_GONE", family: "transient" });
    expect([await stored(), faults]).toEqual([0, []]);
  });

  it("stays unknown when no server tells until the deadline", async () => {
    faults = Array.from({ length: 10_000 }, () => "cut" as const);
    let session: Unit["session"];
    const lost = transaction(mongo, { tenant, commitMs: 300 }, async (unit) => {
      session = unit.session;
      return add(unit);
    });
    await expect(lost).rejects.toMatchObject({
      code: "COMMIT_UNKNOWN",
      family: "unknown-outcome",
    });
    faults = [];
    expect(await stored()).toBe(0);
    // The server was never told of an end.
    await direct.client.db("admin").command({ killSessions: [session?.id] });
  });
});

describe("an operation whose connection is lost", () => {
  it("alone, is sent again by the driver and applied once", async () => {
    moment = "work";
    for (const [round, fault] of (["answer lost", "cut", "cut in flight"] as const).entries()) {
      faults = [fault];
      expect(await add(singleUnit(mongo, { tenant }))).toBe(round + 1);
      expect([await stored(), faults]).toEqual([round + 1, []]);
    }
  });

  it("in a unit, leaves nothing of it", async () => {
    for (const fault of ["answer lost", "cut"] as const) {
      moment = "work";
      faults = [fault];
      await expect(transaction(mongo, { tenant }, add)).rejects.toMatchObject({ family: "transient" });
      moment = "commit";
      expect([await stored(), faults]).toEqual([0, []]);
    }
  });
});

describe("a unit that outlives its cap", () => {
  const timeout = {
    code: "UNIT_TIMEOUT",
    family: "transient",
    message: expect.stringContaining("many units") as string,
  };

  it("is ended in the middle of an operation", async () => {
    await add(singleUnit(direct, { tenant }));
    const long = transaction(mongo, { tenant, capMs: 100 }, async (unit) => {
      await counts(unit).find({ $where: "sleep(60000) || true" }, { session: unit.session! }).toArray();
    });
    // A repository maps what the driver throws; here nobody has.
    await expect(long).rejects.toMatchObject({ code: 11601 });
  });

  it("is ended while its client does nothing, and its session serves others", async () => {
    const idle = transaction(mongo, { tenant, capMs: 100 }, async (unit) => {
      await add(unit);
      const open = async () =>
        (
          await direct.client
            .db("admin")
            .aggregate(
              [
                { $currentOp: { idleSessions: true } },
                { $match: { transaction: { $exists: true }, appName: `stella-data:${database.name}` } },
              ],
              { readConcern: "local" },
            )
            .toArray()
        ).length;
      await expect.poll(open, { timeout: 30_000 }).toBe(0);
    });
    await expect(idle).rejects.toMatchObject(timeout);
    for (let round = 1; round <= 5; round += 1) expect(await transaction(mongo, { tenant }, add)).toBe(round);
  });
});
