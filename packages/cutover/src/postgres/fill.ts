import type { Aggregate, TenantId } from "@stellaops/kernel";
import { Batch, begin, commit, copy, CopyRows, raised, scope, Text, type Statement } from "@stellaops/postgres";
import type { Pool, PoolClient } from "pg";
import type { KeyState } from "../replication/replica.ts";
import { enterApply } from "./fence.ts";
import { keysOf, type ReplicaTexts } from "./replica-texts.ts";

/**
 * The checks of foreign keys are planned once per connection. Planned while the table held a page, they would go on to walk every row of
 * the tenant for each row that comes: a backfill into empty tables took the square of its size.
 */
const planAnew = new Text("discard plans").bind([]);

export interface Fill {
  readonly aggregate: Aggregate;
  readonly tenant: TenantId;
  readonly states: readonly KeyState[];
  readonly generation: bigint;
}

/**
 * As an apply, with COPY instead of one JSON parameter: the register first, and what it took is then copied in. COPY is refused under
 * row-level security, so that this is for the role that bypasses it. Measured by `pnpm bench backfill`.
 */
export async function fill(pool: Pool, texts: ReplicaTexts, { aggregate, tenant, states, generation }: Fill) {
  const client = await pool.connect().catch(raised);
  let failed = true;
  try {
    const head = [begin, planAnew, scope(tenant), enterApply(aggregate.module, generation)];
    const entered = (await run(client, [...head, texts.enterMany.bind([tenant, keysOf(states)])])).at(-1);
    const taken = new Set(entered?.rows.map(({ id }) => String(id)));
    const won = states.filter(({ id }) => taken.has(id));
    const there = aggregate.appendOnly ? await present(client, texts, tenant, won) : null;
    // What is append-only never changes: a row at that revision is that row. What was purged may have been appended again.
    const isKept = ({ id, revision }: KeyState): boolean => there?.get(id) === String(revision);
    await remove(client, texts, tenant, there === null ? won : won.filter((one) => there.has(one.id) && !isKept(one)));
    const rows = new CopyRows(aggregate, tenant);
    for (const state of won)
      if (state.value !== null && !isKept(state)) rows.add(texts.codec.encode(state.value as never, state.revision));
    for (const { text, rows: lines } of rows.take()) await copy(client, text, lines).catch(raised);
    await run(client, [commit]);
    failed = false;
  } finally {
    // After a failure the connection may be inside a COPY: it is ended, and the server rolls back.
    client.release(failed);
  }
}

/** Also where the register knew nothing: rows may be older than it. */
async function remove(client: PoolClient, texts: ReplicaTexts, tenant: TenantId, won: readonly KeyState[]) {
  if (won.length > 0) await run(client, [texts.removeMany.bind([tenant, won.map(({ id }) => id)])]);
}

/** Revisions of those that are there. */
async function present(client: PoolClient, texts: ReplicaTexts, tenant: TenantId, won: readonly KeyState[]) {
  const [found] = await run(client, [texts.there.bind([tenant, won.map(({ id }) => id)])]);
  const rows = (found?.rows ?? []).filter(({ revision }) => revision !== null);
  return new Map(rows.map(({ id, revision }) => [String(id), String(revision)]));
}

const run = (client: PoolClient, statements: readonly Statement[]) =>
  client.query(new Batch(statements)).done.catch(raised);
