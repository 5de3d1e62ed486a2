import { once } from "node:events";
import { codeOf, familyOf, tenantId } from "@stellaops/kernel";
import { Batch, openPostgres, singleUnit, Text, transaction } from "@stellaops/postgres";
import type { Report } from "./report.ts";

/**
 * A process that asks and writes on a pool, whatever becomes of its connections, until its stdin ends; then it tells what it saw, and what of
 * its writes is stored. Nothing here handles what the process itself would die of.
 */
const { POSTGRES = "", SABOTAGE = "", CALLERS = "12" } = process.env;
const tenant = tenantId("acme");
const { pool, close } = openPostgres({ url: POSTGRES, max: 6, applicationName: "prove-connections" });
if (SABOTAGE === "no-handlers") {
  pool.removeAllListeners("error");
  pool.on("acquire", (client) => void client.removeAllListeners("error"));
}

/** Queries of different columns, so that rows of one read as another's do not pass. */
const shapes = [
  new Text("select $1::text as nonce, i from generate_series(1, $2::int) i"),
  new Text("select i, $1::text as nonce, now() as at from generate_series(1, $2::int) i"),
  new Text("select i::text as a, i::text as b, i::text as c, $1::text as nonce from generate_series(1, $2::int) i"),
  new Text("select $1::text as nonce, pg_sleep(0.005), i from generate_series(1, $2::int) i"),
];
const insert = new Text("insert into echoes (nonce) values ($1) returning nonce");
const back = new Text("select nonce from echoes where nonce = $1");

const report: Report = { queries: 0, rows: 0, wrong: 0, aborted: 0, failed: {}, unexpected: [], lost: 0, ghosts: 0 };
const [stored, refused] = [new Set<string>(), new Set<string>()];
const stop = new AbortController();
let made = 0;

type Rows = readonly Readonly<Record<string, unknown>>[];
function check(nonce: string, rows: Rows, expected: number): void {
  report.queries += 1;
  report.rows += rows.length;
  if (rows.length !== expected || rows.some((row) => row["nonce"] !== nonce)) report.wrong += 1;
}

async function ask(nonce: string): Promise<void> {
  const abort = new AbortController();
  const some = 1 + Math.floor(Math.random() * 40);
  const shape = shapes[Math.floor(Math.random() * shapes.length)] ?? insert;
  if (Math.random() < 0.1) setTimeout(() => abort.abort(new Error("aborted")), Math.random() * 20);
  const unit = singleUnit(pool, { tenant, writes: false, signal: abort.signal });
  const [result] = await unit.run([shape.bind([nonce, some])]);
  check(nonce, result?.rows ?? [], some);
}

async function write(nonce: string): Promise<void> {
  const one = Math.random() < 0.5;
  const told = one
    ? singleUnit(pool, { tenant }).run([insert.bind([nonce])])
    : transaction(pool, { tenant }, async ({ run }) => {
        await run([insert.bind([nonce])]);
        return run([back.bind([nonce])]);
      });
  const [result] = await told.catch((error: unknown) => {
    // What is unknown may be either.
    if (familyOf(error) !== "unknown-outcome") refused.add(nonce);
    throw error;
  });
  stored.add(nonce);
  check(nonce, result?.rows ?? [], 1);
}

/** A connection that goes back to the pool as if its answers had come. */
async function abandon(nonce: string): Promise<void> {
  const client = await pool.connect();
  const batch = new Batch([(shapes[0] ?? insert).bind([nonce, 5])]);
  batch.done.catch(() => undefined);
  client.query(batch);
  Object.assign(client, { _activeQuery: null, readyForQuery: true });
  client.release();
}

const expected = new Set(["transient", "unavailable", "unknown-outcome"]);
async function call(): Promise<void> {
  const nonce = `${process.pid}/${(made += 1)}`;
  try {
    if (SABOTAGE === "in-flight" && Math.random() < 0.05) await abandon(nonce).catch(() => undefined);
    else await (Math.random() < 0.3 ? write(nonce) : ask(nonce));
  } catch (error) {
    if (error instanceof Error && error.message === "aborted") {
      report.aborted += 1;
      return;
    }
    const code = codeOf(error) ?? String(error);
    report.failed[code] = (report.failed[code] ?? 0) + 1;
    if (!expected.has(familyOf(error) ?? "")) report.unexpected.push(String(error));
    // A server that is starting refuses at once.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

process.stdin.resume();
void once(process.stdin, "end").then(() => stop.abort());
process.stdout.write("open\n");
await Promise.all(
  Array.from({ length: Number(CALLERS) }, async () => {
    while (!stop.signal.aborted) await call();
  }),
);
const { rows } = await pool.query<{ readonly nonce: string; readonly times: string }>(
  "select nonce, count(*) as times from echoes group by nonce",
);
for (const { nonce, times } of rows) {
  if (times === "1" && stored.delete(nonce)) continue;
  if (refused.has(nonce) || times !== "1") report.ghosts += 1;
}
report.lost = stored.size;
process.stdout.write(`${JSON.stringify(report)}\n`);
await close();
