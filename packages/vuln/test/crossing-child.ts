import { once } from "node:events";
import { openMongo } from "@stellaops/mongo";
import { openPostgres } from "@stellaops/postgres";
import { openVuln } from "../src/index.ts";
import { startLoad } from "./crossing-load.ts";

/** A service of its own under the same load, which tells each acknowledged write, until its input ends. */
const [postgres, mongo] = [
  openPostgres({ url: String(process.env["POSTGRES"]) }),
  openMongo({ url: String(process.env["MONGO"]) }),
];
const vuln = await openVuln({ postgres, mongo, stage: "record" });
const load = startLoad(vuln, "child", 9_000, (key, revision) => {
  process.stdout.write(`${key} ${String(revision)}\n`);
});
await once(process.stdin.resume(), "end");
await load.stop();
await vuln.close();
await Promise.all([postgres.close(), mongo.close()]);
