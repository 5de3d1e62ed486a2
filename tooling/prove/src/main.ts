import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { startServers } from "@stellaops/servers";
import { experiments } from "./experiments.ts";
import { listed } from "./list.ts";
import { proveOptions, usageOf, UsageError, type ProveOptions } from "./options.ts";
import { dropTemplates } from "./rig.ts";
import { runAll } from "./run.ts";

const reportFile = ".reports/prove.json";
/** How long an interrupted experiment may take to end what it started. */
const graceMs = 20_000;
const log = (line: string): void => console.error(line);

async function main(options: ProveOptions): Promise<number> {
  if (options.list !== null) {
    const { table, json } = listed(experiments, options.list);
    console.log(options.json ? JSON.stringify(json) : table);
    return 0;
  }
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());
  const interrupted = new Promise<void>((resolve) => stop.signal.addEventListener("abort", () => resolve()));
  const servers = await startServers({}, log).catch((error: unknown) => {
    log(error instanceof Error ? error.message : String(error));
    return null;
  });
  if (servers === null) return 3;
  try {
    const tell = options.json ? log : console.log;
    const running = runAll({ experiments, options, servers, log, tell, signal: stop.signal });
    const report = await Promise.race([running, interrupted.then(() => wait(graceMs, null, { ref: false }))]);
    if (report === null || stop.signal.aborted) return 130;
    await mkdir(dirname(reportFile), { recursive: true });
    await writeFile(reportFile, `${JSON.stringify(report, null, 2)}\n`);
    if (options.json) console.log(JSON.stringify(report));
    return report.holds ? 0 : 1;
  } finally {
    await dropTemplates(servers).catch(() => undefined);
    await servers.stop();
  }
}

const usage = usageOf(Object.keys(experiments));

function parsed(): ProveOptions | null {
  try {
    return proveOptions(process.argv.slice(2), experiments);
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
