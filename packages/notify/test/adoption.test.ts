import { adopt, misfitsOf } from "@stellaops/cutover";
import { tenantId } from "@stellaops/kernel";
import { openMongo } from "@stellaops/mongo";
import { mongoDatabase } from "@stellaops/testkit";
import { expect, test } from "vitest";
import { notify } from "../src/index.ts";
import { channel, quietTime, rule } from "./routing/samples.ts";

test("documents that no verb would put are listed too", async () => {
  const database = await mongoDatabase();
  const mongo = openMongo({ url: database.url });
  await mongo.db.collection<{ _id: string }>("rules").insertOne({ ...rule({ priority: 101 }), _id: "priority" });
  await mongo.db
    .collection<{ _id: string }>("quiet_hours")
    .insertOne({ ...quietTime({ timezone: "+03:00" }), _id: "zone" });
  const only = ["rules", "quiet_hours"];
  await adopt({ module: notify, mongo, tenant: tenantId("acme"), mapping: {}, only });
  const found = await misfitsOf(mongo.db).find().toArray();
  const told = found.map(({ name, refusals }) => `${String(name)}: ${refusals.map(({ code }) => code).join()}`);
  expect(told.toSorted()).toEqual(["priority: VALUE_OUT_OF_RANGE", "zone: TIMEZONE_UNKNOWN"]);
  await mongo.close();
  await database.drop();
});

test("documents of another program with a secret in them are listed, and stay where they are", async () => {
  const database = await mongoDatabase();
  const mongo = openMongo({ url: database.url });
  const documents = [
    { ...channel({ name: "clean" }), _id: "clean" as never },
    {
      ...channel({ name: "in the address", endpoint: "https://chat.example.org/hook?token=abc" }),
      _id: "address" as never,
    },
    { ...channel({ name: "as it is", secretRef: "hunter2" }), _id: "as it is" as never },
  ];
  await mongo.db.collection("channels").insertMany(documents);
  const [done] = await adopt({ module: notify, mongo, tenant: tenantId("acme"), mapping: {}, only: ["channels"] });
  expect(done).toMatchObject({ scanned: 3, adopted: 1, refused: 2 });
  const found = await misfitsOf(mongo.db).find().toArray();
  const told = found.map(({ name, refusals }) => `${String(name)}: ${refusals.map(({ code }) => code).join()}`);
  expect(told.toSorted()).toEqual(["address: SECRET_IN_ENDPOINT", "as it is: SECRET_REF_INVALID"]);
  expect(JSON.stringify(found)).not.toMatch(/abc|hunter2/);
  await mongo.close();
  await database.drop();
});
