import { envFaults } from "@stellaops/cutover";
import { openMongo } from "@stellaops/mongo";
import { openPostgres } from "@stellaops/postgres";
import { openVuln } from "@stellaops/vuln";
import { openJournal } from "./journal.ts";
import { load } from "./load.ts";

/** A service of a team: it opens the module and uses it, and knows nothing of stages. One process; killed without warning by the demo. */
interface ServiceOptions {
  readonly name: string;
  readonly tenant: string;
  readonly postgres: string;
  readonly mongo: string;
  readonly database?: string;
  readonly journal: string;
  readonly seed: number;
  readonly workers: number;
  readonly pauseMs: number;
}

const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());
// Ctrl-C reaches the whole group of processes: it is the demo's to decide how its services end.
process.on("SIGINT", () => {});
// The demo has ended without a word: nobody is left to stop this process, nor to read its journal.
process.once("disconnect", () => process.exit(1));

const { name, database, ...options } = JSON.parse(process.argv[2] ?? "{}") as ServiceOptions;
const postgres = openPostgres({ url: options.postgres, max: 6, applicationName: name });
const mongo = openMongo({
  url: options.mongo,
  ...(database === undefined ? {} : { database }),
  max: 10,
  applicationName: name,
});
const vuln = await openVuln({ postgres, mongo, stage: "record", seams: { faults: envFaults() } });
const journal = openJournal(options.journal);
process.send?.("ready");

await load({ ...options, name, vuln, journal, signal: stop.signal });
journal.close();
await vuln.close();
await Promise.all([postgres.close(), mongo.close()]);
process.exit();
