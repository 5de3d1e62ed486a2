import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startPostgres, type PostgresServer } from "@stellaops/servers";
import pg from "pg";
import type { Report } from "../connections/report.ts";
import type { Experiment, Outcome, Setting } from "../experiment.ts";

const [killsAtFull, restartsAtFull] = [1_000, 20];

export const connections: Experiment = {
  claim: "whatever becomes of its connections, a process lives on, and no query is handed the rows of another",
  full: `${killsAtFull} killed backends, ${restartsAtFull} server restarts, every other one a crash`,
  seconds: 12,
  sabotages: {
    "in-flight": "a connection goes back to the pool while the answers to an abandoned query are still to come",
    "no-handlers": "nobody listens to what idle and working connections die of",
  },
  run,
};

async function run(setting: Setting): Promise<Outcome> {
  const { servers, seconds, full, sabotage, signal, log } = setting;
  // Restarts would take the server from under whatever else uses it.
  const own = await startPostgres({
    env: { ...process.env, POSTGRES_URL: undefined, STELLA_SERVERS: undefined },
  }).catch((error: unknown) => {
    log(`no server of its own, so no restarts: ${String(error)}`);
    return undefined;
  });
  const server = own ?? servers.postgres;
  const database = `stella_prove_connections_${process.pid}`;
  let worker: ReturnType<typeof workerOn> | undefined;
  try {
    await at(server.url, (client) => client.query(`create database ${database}`));
    const url = Object.assign(new URL(server.url), { pathname: `/${database}` }).href;
    await at(url, (client) => client.query("create table echoes (nonce text)"));
    const started = (worker = workerOn(url, sabotage));
    const going = (): boolean => !signal.aborted && !started.ended();
    await started.open;
    const until = performance.now() + seconds * 1_000;
    const enough = (kills: number, restarts: number): boolean =>
      full ? kills >= killsAtFull && (own === undefined || restarts >= restartsAtFull) : performance.now() > until;
    const done = await breaking(server, database, going, enough);
    const { report, exit } = await started.stop();
    return { counts: { ...done, ...counted(report), exit }, broken: sentences(report, exit, done.kills) };
  } finally {
    worker?.kill();
    if (own === undefined)
      await at(server.url, (client) => client.query(`drop database if exists ${database} with (force)`));
    else await own.stop();
  }
}

async function at<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url }).on("error", () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Kills backends one by one, and in between restarts the server, in order and by a crash in turn. */
async function breaking(
  server: PostgresServer,
  database: string,
  going: () => boolean,
  enough: (kills: number, restarts: number) => boolean,
): Promise<{ kills: number; restarts: number; crashes: number }> {
  const done = { kills: 0, restarts: 0, crashes: 0 };
  while (going() && !enough(done.kills, done.restarts + done.crashes)) {
    done.kills += await at(server.url, (client) => killed(client, database));
    if (server.restart === undefined) continue;
    if (done.crashes < done.restarts) done.crashes += await crashed(server, database);
    else {
      await server.restart();
      done.restarts += 1;
    }
  }
  return done;
}

const backend = "from pg_stat_activity where datname = $1 and application_name = 'prove-connections'";

async function killed(client: pg.Client, database: string): Promise<number> {
  let kills = 0;
  for (let round = 0; round < 50; round += 1) {
    const { rowCount } = await client.query(
      `select pg_terminate_backend(pid) from (select pid ${backend} order by random() limit 1) one`,
      [database],
    );
    kills += rowCount ?? 0;
    await wait(10);
  }
  return kills;
}

/** A backend that dies by SIGKILL takes all others with it: the server starts anew, from its log. */
async function crashed(server: PostgresServer, database: string): Promise<number> {
  const dead = await at(server.url, async (client) => {
    const { rows } = await client.query<{ readonly pid: number }>(`select pid ${backend} limit 1`, [database]);
    const [one] = rows;
    if (one === undefined) return false;
    const taken = new Promise((resolve) => client.once("end", resolve));
    process.kill(one.pid, "SIGKILL");
    await taken;
    return true;
  });
  if (!dead) return 0;
  for (;;) {
    const up = await at(server.url, (client) => client.query("select 1")).then(
      () => true,
      () => false,
    );
    if (up) return 1;
    await wait(20);
  }
}

function workerOn(url: string, sabotage: string | null) {
  const script = fileURLToPath(new URL("../connections/worker.ts", import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@stellaops/source", script], {
    env: { ...process.env, POSTGRES: url, SABOTAGE: sabotage ?? "" },
    stdio: ["pipe", "pipe", sabotage === null ? "inherit" : "ignore"],
  });
  child.stdin.on("error", () => {});
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    open: lines.next(),
    kill: () => child.kill("SIGKILL"),
    ended: () => child.exitCode !== null || child.signalCode !== null,
    async stop(): Promise<{ readonly report: Report | undefined; readonly exit: string }> {
      child.stdin.end();
      const { value } = await lines.next();
      const [code, signal] = await exited;
      return {
        report: typeof value === "string" ? (JSON.parse(value) as Report) : undefined,
        exit: String(signal ?? code),
      };
    },
  };
}

const counted = (report: Report | undefined): Readonly<Record<string, number | string>> => {
  if (report === undefined) return {};
  const { queries, rows, wrong, aborted, failed, lost, ghosts } = report;
  const met = Object.entries(failed).map(([code, count]) => `${code} ${count}`);
  return { queries, rows, wrong, aborted, lost, ghosts, met: met.join(", ") };
};

function sentences(report: Report | undefined, exit: string, kills: number): readonly string[] {
  const broken = exit === "0" ? [] : [`the process ended with ${exit}`];
  if (kills === 0) broken.push("no connection was killed");
  if (report === undefined) return broken;
  if (report.wrong > 0) broken.push(`${report.wrong} queries were handed rows that were not theirs`);
  if (report.lost > 0) broken.push(`${report.lost} writes were answered and are not stored`);
  if (report.ghosts > 0) broken.push(`${report.ghosts} writes are stored that were told as not stored, or twice`);
  return [...broken, ...report.unexpected.map((error) => `an error without a family that helps: ${error}`)];
}
