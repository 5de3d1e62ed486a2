import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { startServers } from "@stellaops/servers";
import { experiments } from "./experiments.ts";
import { benchOptions, usage } from "./options.ts";
import { rigOf } from "./rig.ts";
import { holds, type Row } from "./row.ts";
import { tableOf } from "./table.ts";

const options = benchOptions(process.argv.slice(2));
if ("help" in options) {
  console.log(usage);
} else {
  const log = (line: string): void => console.error(line);
  const servers = await startServers({}, log);
  const rows: Row[] = [];
  let failed = false;
  try {
    for (const name of options.names) {
      log(`${name} …`);
      try {
        await using rig = await rigOf(servers);
        const another = () => rigOf(servers);
        rows.push(...(await experiments[name]({ rig, another, log, rounds: options.rounds, full: options.full })));
      } catch (error) {
        failed = true;
        log(`${name} failed to run: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      }
    }
  } finally {
    await servers.stop();
  }
  const report = {
    postgres: servers.postgres.version,
    mongo: servers.mongo.version,
    node: process.version,
    full: options.full,
    rows: rows.map((row) => ({ ...row, holds: holds(row) })),
  };
  console.log(tableOf(rows));
  if (options.file === "-") console.log(JSON.stringify(report));
  else {
    await mkdir(dirname(options.file), { recursive: true });
    await writeFile(options.file, `${JSON.stringify(report, null, 2)}\n`);
  }
  process.exitCode = failed ? 1 : 0;
}
