import {
  isDataLayerError,
  type Aggregate,
  type DataLayerError,
  type ModuleDefinition,
  type Stored,
  type TenantId,
} from "@stellaops/kernel";
import {
  Batch,
  mapError,
  raised,
  scope,
  singleUnit,
  Text,
  type Result,
  type Row,
  type Statement,
  type TableCodec,
} from "@stellaops/postgres";
import type { Pool } from "pg";
import { contradiction, raced } from "../replication/faults.ts";
import type { KeyState, Pending, Replica } from "../replication/replica.ts";
import { enterApply } from "./fence.ts";
import { fill } from "./fill.ts";
import { purge } from "./purge.ts";
import { ranges } from "./ranges.ts";
import { keysOf, replicaTexts, type ReplicaTexts } from "./replica-texts.ts";

/** PostgreSQL's half. The pool's role is the app role inside a service, `stella_replicator` where all tenants are scanned. */
export function postgresReplica(pool: Pool, module: ModuleDefinition): Replica {
  const known = new Map(module.aggregates.map((aggregate) => [aggregate.table, replicaTexts(aggregate)]));
  const texts = ({ table }: Aggregate): ReplicaTexts => {
    const found = known.get(table);
    if (found === undefined) throw new TypeError(`module ${module.name} has no aggregate ${table}`);
    return found;
  };
  // Whatever is written here may be written again: a lost connection leaves nothing unknown.
  const inTenant = (tenant: TenantId, statements: readonly Statement[], head: readonly Statement[] = []) =>
    singleUnit(pool, { tenant, head, writes: false }).run(statements);
  const flushed = async (statements: readonly Statement[]): Promise<readonly Result[]> => {
    const client = await pool.connect().catch(raised);
    try {
      return await client.query(new Batch(statements)).done.catch(raised);
    } finally {
      client.release();
    }
  };
  const acrossTenants = async (text: Text, values: readonly unknown[]): Promise<Result> => {
    const [result] = await flushed([text.bind(values)]);
    return result as Result;
  };
  const pendingTenants = new Text("select t as tenant_id from cutover.pending_tenants($1) t order by t");
  const pendingKeys = new Text(
    "select aggregate, id, revision from cutover.register where module = $1 and tenant_id = $2 and pending and refusal is null limit $3",
  );
  const parkedKeys = new Text(
    "select aggregate, tenant_id, id, refusal from cutover.register where module = $1 and pending and refusal is not null order by aggregate, tenant_id, id limit $2",
  );
  const unpark = new Text("select cutover.unpark($1) as unparked");
  const count = new Text("select pending, parked from cutover.pending_count($1)");
  const lag = new Text("select * from cutover.pending_lag($1) order by aggregate");
  return {
    async read(aggregate, tenant, ids) {
      const { read, codec } = texts(aggregate);
      const [result] = await inTenant(tenant, [read.bind([tenant, ids])]);
      return (result?.rows ?? []).map((row) => stateOf(codec, row));
    },
    async apply(aggregate, tenant, states, generation) {
      const { codec, enter, hold, remove, insert } = texts(aggregate);
      const keys = keysOf(states);
      const live = states.flatMap(({ value, revision, generation: at }) =>
        value === null ? [] : [{ ...codec.encode(value as never, revision), generation: String(at) }],
      );
      const statements = [enter, ...(hold === null ? [] : [hold])].map((text) => text.bind([tenant, keys]));
      if (!states.every((state) => isLeft(aggregate, state))) statements.push(remove.bind([tenant, keys]));
      if (live.length > 0) statements.push(insert.bind([tenant, JSON.stringify(live)]));
      await inTenant(tenant, statements, [enterApply(module.name, generation)]).catch(raced);
    },
    fill: (aggregate, tenant, states, generation) =>
      fill(pool, texts(aggregate), { aggregate, tenant, states, generation }).catch(raced),
    async clear(aggregate, tenant, states) {
      await inTenant(tenant, [texts(aggregate).clear.bind([tenant, keysOf(states)])]);
    },
    async park(aggregate, tenant, state, reason) {
      await inTenant(tenant, [texts(aggregate).park.bind([tenant, keysOf([state]), reason])]);
    },
    async unpark() {
      const { rows } = await acrossTenants(unpark, [module.name]);
      return Number(rows[0]?.["unparked"] ?? 0);
    },
    async pending(limit, home) {
      if (home !== undefined) {
        const { aggregate, tenant } = home;
        const [found] = await inTenant(tenant, [texts(aggregate).pending.bind([tenant, limit])]);
        return (found?.rows ?? []).map((row) => pendingOf(row, aggregate.table, tenant));
      }
      const { rows } = await acrossTenants(pendingTenants, [module.name]);
      const tenants = rows.map((row) => row["tenant_id"] as TenantId);
      const keys: Pending[] = [];
      // One flush for many tenants, each under its own setting: a service sees no other way into another's keys.
      for (let at = 0; at < tenants.length && keys.length < limit; at += tenantsAtOnce) {
        const some = tenants.slice(at, at + tenantsAtOnce);
        const ask = some.flatMap((tenant) => [scope(tenant), pendingKeys.bind([module.name, tenant, limit])]);
        const found = await flushed(ask);
        for (const [i, tenant] of some.entries())
          for (const row of found[2 * i + 1]?.rows ?? []) keys.push(pendingOf(row, String(row["aggregate"]), tenant));
      }
      return keys.slice(0, limit);
    },
    async parked(limit) {
      const { rows } = await acrossTenants(parkedKeys, [module.name, limit]);
      return rows.map((row) => ({
        aggregate: String(row["aggregate"]),
        tenant: row["tenant_id"] as TenantId,
        id: String(row["id"]),
        reason: String(row["refusal"]),
      }));
    },
    async backlog() {
      const { rows } = await acrossTenants(count, [module.name]);
      return { pending: Number(rows[0]?.["pending"] ?? 0), parked: Number(rows[0]?.["parked"] ?? 0) };
    },
    async lag() {
      const { rows } = await acrossTenants(lag, [module.name]);
      return rows.map((row) => ({
        aggregate: String(row["aggregate"]),
        pending: Number(row["pending"]),
        parked: Number(row["parked"]),
        pendingMs: age(row["pending_ms"]),
        parkedMs: age(row["parked_ms"]),
      }));
    },
    async scan(aggregate, after, limit, last = null) {
      const { scan, scanTo, codec } = texts(aggregate);
      const values = [...(after === null ? beginning : [after.tenant, after.id]), limit];
      const { rows } =
        last === null
          ? await acrossTenants(scan, values)
          : await acrossTenants(scanTo, [...values, last.tenant, last.id]);
      return rows.map((row) => ({
        tenant: row["tenant_id"] as TenantId,
        state: stateOf(codec, { ...row, g_id: row["id"], g_revision: row["revision"], g_deleted: false }),
      }));
    },
    ranges: (aggregate, size) => ranges(pool, aggregate, size),
    purge: (request) => purge(pool, module.name, request),
    async sweep(aggregate, generation, signal) {
      const { sweepRows, sweepEntries } = texts(aggregate);
      let swept = 0;
      for (let at: readonly unknown[] = beginning; ;) {
        signal?.throwIfAborted();
        const [page] = (await acrossTenants(sweepRows, [generation, ...at])).rows;
        if (page === undefined) break;
        swept += Number(page["swept"]);
        at = [page["tenant_id"], page["id"]];
      }
      await inBatches(() => acrossTenants(sweepEntries, [generation]), signal);
      return swept;
    },
  };
}

const pendingOf = (row: Row, aggregate: string, tenant: TenantId): Pending => ({
  aggregate,
  tenant,
  id: String(row["id"]),
  revision: BigInt(String(row["revision"])),
});

/** Services may not delete what is append-only; there the insert leaves what is there as it is, unless it was purged and appended again. */
const isLeft = ({ appendOnly, retain }: Aggregate, { deleted, revision }: KeyState): boolean =>
  appendOnly && !deleted && (retain === null || revision === 1n);

/** Tenants whose pending keys are asked for in one flush. */
const tenantsAtOnce = 20;
/** Before every key: tenants have a name. */
const beginning: readonly unknown[] = ["", "00000000-0000-0000-0000-000000000000"];

const age = (value: unknown): number | null => (value === null ? null : Math.max(0, Number(value)));

async function inBatches(run: () => Promise<Result>, signal: AbortSignal | undefined): Promise<number> {
  for (let total = 0; ;) {
    signal?.throwIfAborted();
    const { tag } = await run();
    const count = Number(tag.split(" ")[1] ?? 0);
    total += count;
    if (count === 0) return total;
  }
}

function stateOf(codec: TableCodec<Aggregate>, row: Row): KeyState {
  const key = {
    id: String(row["g_id"]),
    generation: BigInt(String(row["g_generation"])),
    revision: BigInt(String(row["g_revision"])),
    deleted: row["g_deleted"] === true,
  };
  if (key.deleted) return { ...key, value: null, fault: null };
  try {
    if (String(row["revision"]) !== String(key.revision)) throw contradiction(key);
    const value: Stored<Aggregate> = codec.decode(row);
    return { ...key, value, fault: null };
  } catch (error) {
    return { ...key, value: null, fault: faultOf(error) };
  }
}

const faultOf = (error: unknown): DataLayerError => (isDataLayerError(error) ? error : mapError(error));
