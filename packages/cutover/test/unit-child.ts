import { tenantId } from "@stellaops/kernel";
import { openMongo, transaction } from "@stellaops/mongo";
import { mongoFence } from "../src/index.ts";

/** A process that is killed in the middle of a unit of work on MongoDB. */
const { MONGO = "", EPOCH = "" } = process.env;
const mongo = openMongo({ url: MONGO });
await transaction(
  mongo,
  {
    tenant: tenantId("acme"),
    capMs: 500,
    head: (session) => mongoFence.enterEpoch(mongo.db, session, BigInt(EPOCH), 500),
  },
  () => {
    process.stdout.write("inside\n");
    process.kill(process.pid, "SIGKILL");
    return new Promise(() => {});
  },
);
