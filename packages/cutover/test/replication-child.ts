import { once } from "node:events";
import { openMongo } from "@stellaops/mongo";
import { openPostgres } from "@stellaops/postgres";
import { openVuln } from "../../vuln/src/index.ts";
import { backfill, showStage, viewOf } from "../src/index.ts";
import { advisoriesOf, connect, vuln } from "./replication-rig.ts";

/** Processes that the tests kill: what they have done they tell, a line each. */
const {
  WORK = "",
  SERVICE = "",
  COPIER = "",
  MONGO = "",
  BATCH = "20",
  LEASE = "10000",
  TENANT = "child",
} = process.env;
const tell = (line: string): void => void process.stdout.write(`${line}\n`);

/** A service that writes when it is told to, and then goes on living. */
async function write(): Promise<void> {
  const [postgres, mongo] = [openPostgres({ url: SERVICE }), openMongo({ url: MONGO })];
  const module = await openVuln({ postgres, mongo, stage: "record" });
  const { advisories } = module.tenant(TENANT);
  tell("open");
  await once(process.stdin, "data");
  const generated = advisoriesOf(40, 77);
  for (const [i, one] of generated.entries()) {
    const id = one.id.replace("0190", "c190");
    const revision = await advisories.put({ ...one, id, advisoryKey: `CHILD-${i}` }, 0n);
    tell(`${id} ${revision}`);
  }
  await once(process.stdin, "end");
}

async function copy(): Promise<void> {
  const { sides, copies, progress } = connect({ service: SERVICE, copier: COPIER, mongo: MONGO });
  const view = async () => {
    const { situation } = await showStage(sides);
    if ("at" in situation) return viewOf(situation.at);
    throw new Error("no stage");
  };
  await backfill({
    module: vuln,
    replicas: copies,
    sides,
    progress,
    view,
    batch: Number(BATCH),
    workers: 1,
    leaseMs: Number(LEASE),
    onProgress: ({ aggregate, copied }) => tell(`${aggregate} ${copied}`),
  });
}

await (WORK === "write" ? write() : copy());
process.exit();
