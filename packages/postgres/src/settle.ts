import { setTimeout as wait } from "node:timers/promises";
import { unknownOutcome, type DataLayerError } from "@stellaops/kernel";
import type { Pool, PoolClient } from "pg";
import { Batch, type Row } from "./batch.ts";
import { incarnation } from "./scope.ts";
import { lostInFlight, mapError } from "./errors.ts";
import { Text } from "./statement.ts";

/** What a unit of work is known by at the server. */
export interface Mark {
  readonly xact: string;
  readonly incarnation: string;
}

export const markOf = ({ xact, incarnation: of }: Row): Mark => ({ xact: String(xact), incarnation: String(of) });

// A standby may not have come to that number yet.
const ask = new Text(
  `select pg_is_in_recovery() as standby, case when not pg_is_in_recovery() then pg_xact_status($1::xid8) end as status, case when not pg_is_in_recovery() then ${incarnation} end as incarnation`,
);
/** The COMMIT never came: the server would wait for it, and hold the unit's locks, for as long as it believes in the connection. */
const end = new Text(
  "select pg_terminate_backend(pid) from pg_stat_activity where backend_xid = $1::xid8::xid and state = 'idle in transaction'",
);

/**
 * A connection was lost in COMMIT. Returns when the unit was stored; throws `lost` as a transient error when it was not, so that it may be
 * run again whole.
 * @throws `COMMIT_UNKNOWN` (unknown-outcome) when no server answers within the deadline, or the one that answers cannot know
 */
export async function settle(pool: Pool, mark: Mark, lost: DataLayerError, deadlineMs: number): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  for (let pause = 5; ; pause = Math.min(pause * 2, 250)) {
    const verdict = await judge(pool, mark, deadline).catch((): Verdict => "no answer");
    if (verdict === "stored") return;
    if (verdict === "not stored") throw lostInFlight(lost);
    if (verdict === "cannot be known" || performance.now() + pause > deadline) throw unknown(mark, verdict, lost);
    await wait(pause);
  }
}

type Verdict = "stored" | "not stored" | "under way" | "no answer" | "cannot be known";

async function judge(pool: Pool, mark: Mark, deadline: number): Promise<Verdict> {
  const row = await one(pool, ask, mark.xact, deadline).catch((error: unknown): Row => {
    // This history has not come to that number yet, so the COMMIT is not in it.
    if (serverCode(error) === "22023") return { status: "aborted" };
    throw error;
  });
  if (row?.["standby"] === true) return "no answer";
  const same = row?.["incarnation"] === mark.incarnation;
  switch (row?.["status"]) {
    case "aborted":
      return "not stored";
    case "committed":
      return same ? "stored" : "cannot be known";
    case "in progress":
      // A number that was given out again: had this unit been stored, it would not have been.
      if (!same) return "not stored";
      await one(pool, end, mark.xact, deadline);
      return "under way";
    default:
      return "cannot be known";
  }
}

/** Asked of one connection: the pool's idle ones may be as silent as the lost one, and each is given up for the next. */
const patienceMs = 1_000;

async function one(pool: Pool, text: Text, xact: string, deadline: number): Promise<Row | undefined> {
  const left = (): number => Math.max(1, deadline - performance.now());
  const client = await taken(pool, left());
  let failed = true;
  try {
    const [result] = await client.query(new Batch([text.bind([xact])], Math.min(left(), patienceMs))).done;
    failed = false;
    return result?.rows[0];
  } finally {
    client.release(failed);
  }
}

/** One that comes too late goes back unused. */
async function taken(pool: Pool, leftMs: number): Promise<PoolClient> {
  const over = new AbortController();
  const coming = pool.connect();
  const late = wait(leftMs, null, { signal: over.signal });
  const client = await Promise.race([coming, late]).finally(() => over.abort());
  if (client !== null) return client;
  coming.then((unused) => unused.release()).catch(() => undefined);
  throw new Error("no connection within the deadline");
}

const serverCode = (error: unknown): unknown => {
  const { cause } = mapError(error);
  return cause instanceof Error && "code" in cause ? cause.code : undefined;
};

const unknown = ({ xact }: Mark, verdict: Verdict, cause: DataLayerError): DataLayerError =>
  unknownOutcome(
    "COMMIT_UNKNOWN",
    `the connection was lost in COMMIT and transaction ${xact} could not be settled (${verdict}); read the rows to see whether it was stored before you write again`,
    { cause, details: { xact, verdict } },
  );
