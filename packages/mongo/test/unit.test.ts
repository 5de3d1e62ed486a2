import { tenantId } from "@stellaops/kernel";
import { mongoDatabase, type MongoDatabase } from "@stellaops/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openMongo, singleUnit, transaction, type Mongo, type Unit } from "../src/index.ts";

interface Note {
  readonly _id: string;
  readonly body: string;
}
const tenant = tenantId("acme");

let database: MongoDatabase;
let mongo: Mongo;
beforeAll(async () => {
  database = await mongoDatabase();
  mongo = openMongo({ url: database.url });
  await mongo.db.createCollection("notes");
});
beforeEach(() => mongo.db.collection("notes").deleteMany({}));
afterAll(async () => {
  await mongo.close();
  await database.expectNoLeaks();
  await database.drop();
});

const notes = ({ db }: { readonly db: Mongo["db"] }) => db.collection<Note>("notes");
const insert = (unit: Unit, id: string, body = "") =>
  notes(unit).insertOne({ _id: id, body }, unit.session === undefined ? {} : { session: unit.session });
const stored = async () => (await notes(mongo).find().sort({ _id: 1 }).toArray()).map(({ _id }) => _id);

describe("a transaction", () => {
  it("stores all of it or nothing, and leaves the caller's errors as they are", async () => {
    const mistake = new RangeError("changed my mind");
    const failing = transaction(mongo, { tenant }, async (unit) => {
      await insert(unit, "a");
      throw mistake;
    });
    await expect(failing).rejects.toBe(mistake);
    expect(await stored()).toEqual([]);
    const answer = await transaction(mongo, { tenant }, async (unit) => {
      await insert(unit, "a");
      await insert(unit, "b");
      return "done";
    });
    expect([answer, await stored()]).toEqual(["done", ["a", "b"]]);
  });

  it("is joined by what is to be atomic inside it", async () => {
    const failing = transaction(mongo, { tenant }, async (unit) => {
      await unit.atomically((inner) => insert(inner, "a"));
      throw new RangeError("after the inner one");
    });
    await expect(failing).rejects.toThrow(RangeError);
    expect(await stored()).toEqual([]);
    await singleUnit(mongo, { tenant }).atomically((unit) => insert(unit, "a"));
    expect(await stored()).toEqual(["a"]);
  });

  it("lets one of two that change one document at once go first, and tells the other to try again", async () => {
    await notes(mongo).insertOne({ _id: "a", body: "" });
    const change = (unit: Unit, body: string) =>
      notes(unit).updateOne({ _id: "a" }, { $set: { body } }, { session: unit.session! });
    await transaction(mongo, { tenant }, async (first) => {
      await change(first, "first");
      const second = transaction(mongo, { tenant, head: (session) => refused(session) }, async () => "not reached");
      await expect(second).rejects.toMatchObject({ code: "SERIALIZATION_FAILURE", family: "transient" });
    });
    expect(await notes(mongo).findOne({ _id: "a" })).toMatchObject({ body: "first" });
  });
});

/** As a fence would: an operation of the head that the server refuses is told in the project's own words. */
async function refused(session: NonNullable<Unit["session"]>): Promise<void> {
  await notes(mongo).updateOne({ _id: "a" }, { $set: { body: "second" } }, { session });
}
