import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { startServers } from "@stellaops/servers";
import { experiments } from "./experiments.ts";
import { listed } from "./list.ts";
import { proveOptions, usage, UsageError, type ProveOptions } from "./options.ts";
import { runAll } from "./run.ts";

const reportFile = ".reports/prove.json";
const log = (line: string): void => console.error(line);

async function main(options: ProveOptions): Promise<number> {
  if (options.list !== null) {
    const { table, json } = listed(experiments, options.list);
    console.log(options.json ? JSON.stringify(json) : table);
    return 0;
  }
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => stop.abort());
  const servers = await startServers({}, log).catch((error: unknown) => {
    log(error instanceof Error ? error.message : String(error));
    return null;
  });
  if (servers === null) return 3;
  try {
    const report = await runAll({ options, servers, log, tell: options.json ? log : console.log, signal: stop.signal });
    await mkdir(dirname(reportFile), { recursive: true });
    await writeFile(reportFile, `${JSON.stringify(report, null, 2)}\n`);
    if (options.json) console.log(JSON.stringify(report));
    return stop.signal.aborted ? 130 : report.holds ? 0 : 1;
  } finally {
    await servers.stop();
  }
}

function parsed(): ProveOptions | null {
  try {
    const options = proveOptions(process.argv.slice(2));
    return "help" in options ? null : options;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n\n${usage}`);
    process.exit(2);
  }
}

const options = parsed();
if (options === null) console.log(usage);
// What was broken on purpose may still hold a timer or a socket.
else process.exit(await main(options));
