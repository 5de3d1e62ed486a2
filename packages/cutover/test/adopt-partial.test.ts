import { openMongo } from "@stellaops/mongo";
import { mongoDatabase } from "@stellaops/testkit";
import type { Document } from "mongodb";
import { expect, test } from "vitest";
import { minute, newId } from "../../testkit/test/press/samples.ts";
import { press } from "../../testkit/test/press/wiring.ts";
import { adopt, misfitsOf } from "../src/index.ts";
import { acme } from "./replication-rig.ts";

test("documents share the values of a partial key as long as at most one of them meets its condition", async () => {
  const database = await mongoDatabase();
  const mongo = openMongo({ url: database.url });
  const paper = (_id: string, status: string, over: Document = {}): Document => ({
    _id: _id as never,
    id: newId(),
    topic: "one topic",
    code: _id,
    status,
    pinned: false,
    lines: [],
    notes: [],
    createdAt: minute(0),
    updatedAt: minute(0),
    ...over,
  });
  const documents = [
    paper("final", "published"),
    paper("final too", "published"),
    paper("draft", "draft"),
    paper("twice", "draft", { topic: "t" }),
    paper("twice too", "review", { topic: "t" }),
    paper("pinned", "published", { code: "c", pinned: true }),
    paper("not pinned", "published", { code: "c" }),
  ];
  await mongo.db.collection("papers").insertMany(documents);
  const [done] = await adopt({ module: press, mongo, tenant: acme, mapping: {}, only: ["papers"] });
  expect(done).toMatchObject({ scanned: 7, adopted: 5, refused: 2 });
  const found = await misfitsOf(mongo.db).find().toArray();
  const told = found.map(
    ({ name, refusals }) => `${String(name)}: ${refusals.map(({ path, code }) => `${path} ${code}`).join()}`,
  );
  expect(told.toSorted()).toEqual(["twice too: topic UNIQUE_VIOLATION", "twice: topic UNIQUE_VIOLATION"]);
  await mongo.close();
  await database.drop();
});
