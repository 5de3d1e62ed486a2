import { once } from "node:events";
import { tenantId } from "@stellaops/kernel";
import { openMongo } from "@stellaops/mongo";
import { openPostgres } from "@stellaops/postgres";
import { openVuln } from "../../vuln/src/index.ts";
import { adopt, envFaults } from "../src/index.ts";
import { vuln } from "./replication-rig.ts";

/** Adopts, or captures until it is killed; STELLA_FAULT says at which point it kills itself. */
const { WORK = "", SERVICE = "", MONGO = "" } = process.env;

const mongo = openMongo({ url: MONGO });
if (WORK === "adopt") {
  await adopt({ module: vuln, mongo, tenant: tenantId("acme"), mapping: {}, batch: 10, faults: envFaults() });
  await mongo.close();
} else {
  const postgres = openPostgres({ url: SERVICE });
  await openVuln({ postgres, mongo, stage: "record", seams: { faults: envFaults() } });
  process.stdout.write("open\n");
  await once(process.stdin, "end");
  process.exit();
}
