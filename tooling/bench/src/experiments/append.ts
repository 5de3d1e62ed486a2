import { once } from "node:events";
import { seededIds, systemClock } from "@stellaops/kernel";
import { openPolicy, policy, type Explanation } from "@stellaops/policy";
import pg from "pg";
import { from } from "pg-copy-streams";
import { beside } from "../beside.ts";
import type { Experiment } from "../experiment.ts";
import { interleaved } from "../measure.ts";
import { tenant } from "../rig.ts";
import type { Row } from "../row.ts";

const size = 1_000;
/** A batch is long: more of them at once only wait for each other. */
const callers = 4;
const columns =
  "tenant_id, id, revision, run_id, ordinal, component, advisory_key, rule_key, verdict, trace, created_at, updated_at";
const types = "uuid[], uuid[], bigint[], text[], text[], text[], text[], jsonb[], timestamptz[]";

/** What somebody writes by hand: a column an array. */
const insertText = `insert into policy.explanations (${columns})
 select $1, id, 1, run_id, ordinal, component, advisory_key, rule_key, verdict, trace, at, at
 from unnest(${types
   .split(", ")
   .map((type, i) => `$${i + 2}::${type}`)
   .join(", ")}) as r(id, run_id, ordinal, component, advisory_key, rule_key, verdict, trace, at)`;

/** P13: an append of 1,000 explanations beside the same rows by hand: all of them checked, in one statement, under the module's policies. */
export const append: Experiment = async ({ rig, rounds }) => {
  await using there = await beside(rig, { module: policy, open: openPolicy });
  const options = `-c timezone=UTC -c app.tenant_id=${tenant}`;
  await using pools = new AsyncDisposableStack();
  const byHand = (connectionString: string, pipeline: boolean): pg.Pool => {
    const pool = new pg.Pool({ connectionString, max: callers, options, pipeline });
    return pools.adopt(
      pool.on("error", () => {}),
      (open) => open.end(),
    );
  };
  const [pipelined, plain] = [byHand(there.app.url, true), byHand(rig.replicator.url, false)];
  const { perSecond, ratio } = await interleaved(
    {
      append: () => there.onPostgres.tenant(tenant).explanations.appendBatch(batch()),
      insert: () => insert(pipelined, batch()),
      COPY: () => copy(plain, batch()),
      "append on MongoDB": () => there.onMongo.tenant(tenant).explanations.appendBatch(batch()),
    },
    { rounds, callers, roundMs: 1_000 },
  );
  const row = (name: string, under: string, note?: string): Row => ({
    experiment: "P13",
    name,
    ratio: ratio("append", under),
    reach: null,
    parts: { append: (perSecond["append"] ?? 0) * size, [under]: (perSecond[under] ?? 0) * size },
    unit: `explanations/s, ${size} an append, ${callers} callers`,
    ...(note === undefined ? {} : { note }),
  });
  return [
    row(
      `append of ${size} explanations ÷ an insert of the same rows by hand`,
      "insert",
      "Both: BEGIN and a named statement in one round trip, COMMIT in another; the module's role under its policies. By hand an array a column; nothing is checked.",
    ),
    row(
      `append of ${size} explanations ÷ COPY of the same rows`,
      "COPY",
      "COPY in a transaction, from text that is made for each, by the role that bypasses the policies: PostgreSQL has no COPY under them.",
    ),
    row(`append of ${size} explanations on PostgreSQL ÷ on MongoDB`, "append on MongoDB"),
  ];
};

async function insert(pool: pg.Pool, rows: readonly Explanation[]): Promise<void> {
  const column = (of: (row: Explanation) => unknown): readonly unknown[] => rows.map(of);
  const values = [
    tenant,
    column(({ id }) => id),
    column(({ runId }) => runId),
    column(({ ordinal }) => ordinal),
    column(({ component }) => component),
    column(({ advisoryKey }) => advisoryKey),
    column(({ ruleKey }) => ruleKey),
    column(({ verdict }) => verdict),
    column(({ trace }) => JSON.stringify(trace)),
    column(({ createdAt }) => createdAt),
  ];
  await within(pool, async (client) => {
    await Promise.all([client.query("begin"), client.query({ name: "append", text: insertText, values })]);
    await client.query("commit");
  });
}

async function copy(pool: pg.Pool, rows: readonly Explanation[]): Promise<void> {
  // None of these values holds what COPY would have escaped.
  const text = rows.map(({ id, runId, ordinal, component, advisoryKey, ruleKey, verdict, trace, createdAt }) => {
    const at = createdAt.toISOString();
    const head = [tenant, id, 1, runId, ordinal, component, advisoryKey ?? "\\N", ruleKey, verdict];
    return `${[...head, JSON.stringify(trace), at, at].join("\t")}\n`;
  });
  await within(pool, async (client) => {
    await client.query("begin");
    const stream = client.query(from(`copy policy.explanations (${columns}) from stdin`));
    stream.end(text.join(""));
    await once(stream, "finish");
    await client.query("commit");
  });
}

async function within(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  try {
    await work(client);
  } finally {
    client.release();
  }
}

const ids = seededIds(systemClock, 14);

function batch(): readonly Explanation[] {
  const runId = ids.next();
  const now = systemClock.now();
  return Array.from({ length: size }, (_, i) => ({
    id: ids.next(),
    runId,
    ordinal: BigInt(i),
    component: `pkg:npm/component-${i}@1.0.${i}`,
    advisoryKey: i % 3 === 0 ? null : `CVE-2026-${i}`,
    ruleKey: `rule-${i % 20}`,
    verdict: i % 10 === 0 ? "block" : "pass",
    trace: { steps: [{ rule: `rule-${i % 20}`, matched: i % 2 === 0 }], severity: "high" },
    createdAt: now,
    updatedAt: now,
  }));
}
