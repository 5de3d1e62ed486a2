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
  singleUnit,
  Text,
  type Result,
  type Row,
  type Statement,
  type TableCodec,
} from "@stellaops/postgres";
import type { Pool } from "pg";
import { contradiction, raced } from "../replication/faults.ts";
import type { Key, KeyState, Replica } from "../replication/replica.ts";
import { enterApply } from "./fence.ts";
import { replicaTexts, type ReplicaTexts } from "./replica-texts.ts";

const keysOf = (states: readonly KeyState[]): string =>
  JSON.stringify(
    states.map(({ id, generation, revision, deleted }) => ({
      id,
      generation: String(generation),
      revision: String(revision),
      deleted,
    })),
  );

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
  const acrossTenants = async (text: Text, values: readonly unknown[]): Promise<Result> => {
    const client = await pool.connect().catch(raised);
    try {
      const [result] = await client.query(new Batch([text.bind(values)])).done;
      return result as Result;
    } finally {
      client.release();
    }
  };
  const pendingTenants = new Text("select t as tenant_id from cutover.pending_tenants($1) t order by t");
  const pendingKeys = new Text(
    "select aggregate, id from cutover.register where module = $1 and tenant_id = $2 and pending and refusal is null limit $3",
  );
  const unpark = new Text("select cutover.unpark($1) as unparked");
  const count = new Text("select pending, parked from cutover.pending_count($1)");
  return {
    async read(aggregate, tenant, ids) {
      const { read, codec } = texts(aggregate);
      const [result] = await inTenant(tenant, [read.bind([tenant, ids])]);
      return (result?.rows ?? []).map((row) => stateOf(codec, row));
    },
    async apply(aggregate, tenant, states, generation) {
      const { codec, enter, remove, insert } = texts(aggregate);
      const keys = keysOf(states);
      const live = states.flatMap(({ value, revision, generation: at }) =>
        value === null ? [] : [{ ...codec.encode(value as never, revision), generation: String(at) }],
      );
      const statements = [enter.bind([tenant, keys])];
      // Services may not delete what is append-only; there the insert leaves what is there as it is.
      if (!aggregate.appendOnly || live.length < states.length) statements.push(remove.bind([tenant, keys]));
      if (live.length > 0) statements.push(insert.bind([tenant, JSON.stringify(live)]));
      await inTenant(tenant, statements, [enterApply(module.name, generation)]).catch(raced);
    },
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
        return (found?.rows ?? []).map(({ id }) => ({ aggregate: aggregate.table, tenant, id: String(id) }));
      }
      const { rows } = await acrossTenants(pendingTenants, [module.name]);
      const keys: Key[] = [];
      for (const { tenant_id: tenant } of rows) {
        if (keys.length >= limit) break;
        const [found] = await inTenant(tenant as TenantId, [
          pendingKeys.bind([module.name, tenant, limit - keys.length]),
        ]);
        for (const row of found?.rows ?? [])
          keys.push({ aggregate: String(row["aggregate"]), tenant: tenant as TenantId, id: String(row["id"]) });
      }
      return keys;
    },
    async backlog() {
      const { rows } = await acrossTenants(count, [module.name]);
      return { pending: Number(rows[0]?.["pending"] ?? 0), parked: Number(rows[0]?.["parked"] ?? 0) };
    },
    async scan(aggregate, after, limit) {
      const { scan, codec } = texts(aggregate);
      const from = after ?? { tenant: "", id: "00000000-0000-0000-0000-000000000000" };
      const { rows } = await acrossTenants(scan, [from.tenant, from.id, limit]);
      return rows.map((row) => ({
        tenant: row["tenant_id"] as TenantId,
        state: stateOf(codec, { ...row, g_id: row["id"], g_revision: row["revision"], g_deleted: false }),
      }));
    },
    async sweep(aggregate, generation, signal) {
      const { sweepRows, sweepEntries } = texts(aggregate);
      const swept = await inBatches(() => acrossTenants(sweepRows, [generation]), signal);
      await inBatches(() => acrossTenants(sweepEntries, [generation]), signal);
      return swept;
    },
  };
}

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

function raised(error: unknown): never {
  throw mapError(error);
}
