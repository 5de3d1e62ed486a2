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
  insertStatesText,
  mapError,
  singleUnit,
  tableCodec,
  Text,
  wholeColumns,
  type Result,
  type Row,
  type Statement,
  type TableCodec,
} from "@stellaops/postgres";
import type { Pool } from "pg";
import type { Key, KeyState, Replica } from "../replication/replica.ts";
import { enterApply } from "./fence.ts";

const sweepBatch = 2_000;

/** SQL of one aggregate's replication, made once. */
interface Texts {
  readonly codec: TableCodec<Aggregate>;
  readonly read: Text;
  readonly scan: Text;
  readonly enter: Text;
  readonly remove: Text;
  readonly insert: Text;
  readonly clear: Text;
  readonly park: Text;
}

const keyed = "as r(id uuid, generation bigint, revision bigint, deleted boolean)";

function textsOf(aggregate: Aggregate): Texts {
  const { module, table } = aggregate;
  const name = `"${module}"."${table}"`;
  const columns = wholeColumns(aggregate);
  const entry = `g.tenant_id = $1 and g.module = '${module}' and g.aggregate = '${table}'`;
  // Exactly the state that this apply entered (or an equal one before it): everything else is newer and stays.
  const won = `join cutover.register g on ${entry} and g.id = r.id and g.generation = r.generation and g.revision = r.revision`;
  return {
    codec: tableCodec(aggregate),
    read: new Text(
      `select g.id as g_id, g.generation as g_generation, g.revision as g_revision, g.deleted as g_deleted, ${columns}
 from cutover.register g left join ${name} on "${table}".tenant_id = g.tenant_id and "${table}".id = g.id
 where ${entry} and g.id = any($2::uuid[])`,
    ),
    scan: new Text(
      `select coalesce(g.generation, 0) as g_generation, ${columns}
 from (select * from ${name} where (tenant_id, id) > ($1, $2) order by tenant_id, id limit $3) "${table}"
 left join cutover.register g on g.tenant_id = "${table}".tenant_id and g.module = '${module}' and g.aggregate = '${table}' and g.id = "${table}".id
 order by "${table}".tenant_id, "${table}".id`,
    ),
    enter: new Text(
      `insert into cutover.register as g (tenant_id, module, aggregate, id, generation, revision, deleted, pending)
 select $1, '${module}', '${table}', r.id, r.generation, r.revision, r.deleted, false from json_to_recordset($2::json) ${keyed} order by r.id
 on conflict (tenant_id, module, aggregate, id) do update
 set generation = excluded.generation, revision = excluded.revision, deleted = excluded.deleted, pending = false, refusal = null
 where (g.generation, g.revision) < (excluded.generation, excluded.revision)`,
    ),
    // Deleted and inserted anew in one transaction: unique values may move between the rows of a batch, in any order.
    remove: new Text(
      `delete from ${name} t using json_to_recordset($2::json) ${keyed} ${won} where t.tenant_id = $1 and t.id = r.id`,
    ),
    insert: new Text(insertStatesText(aggregate)),
    clear: new Text(
      `update cutover.register g set pending = false from json_to_recordset($2::json) ${keyed}
 where ${entry} and g.id = r.id and g.generation = r.generation and g.revision = r.revision and g.pending`,
    ),
    park: new Text(
      `insert into cutover.register as g (tenant_id, module, aggregate, id, generation, revision, deleted, pending, refusal)
 select $1, '${module}', '${table}', r.id, r.generation, r.revision, r.deleted, true, $3 from json_to_recordset($2::json) ${keyed}
 on conflict (tenant_id, module, aggregate, id) do update
 set generation = excluded.generation, pending = true, refusal = excluded.refusal
 where (g.generation, g.revision) <= (excluded.generation, excluded.revision)`,
    ),
  };
}

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
  const known = new Map(module.aggregates.map((aggregate) => [aggregate.table, textsOf(aggregate)]));
  const texts = ({ table }: Aggregate): Texts => {
    const found = known.get(table);
    if (found === undefined) throw new TypeError(`module ${module.name} has no aggregate ${table}`);
    return found;
  };
  const inTenant = (tenant: TenantId, statements: readonly Statement[], head: readonly Statement[] = []) =>
    singleUnit(pool, { tenant, head }).run(statements);
  const acrossTenants = async (text: Text, values: readonly unknown[]): Promise<Result> => {
    const client = await pool.connect();
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
      const statements = [enter.bind([tenant, keys]), remove.bind([tenant, keys])];
      if (live.length > 0) statements.push(insert.bind([tenant, JSON.stringify(live)]));
      await inTenant(tenant, statements, [enterApply(module.name, generation)]);
    },
    async clear(aggregate, tenant, states) {
      await inTenant(tenant, [texts(aggregate).clear.bind([tenant, keysOf(states)])]);
    },
    async park(aggregate, tenant, state, reason) {
      await inTenant(tenant, [texts(aggregate).park.bind([tenant, keysOf([state]), reason])]);
    },
    async pending(limit) {
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
    async sweep({ module: schema, table }, generation, signal) {
      const outlived = `not exists (select from cutover.register g where g.tenant_id = t.tenant_id and g.module = '${schema}' and g.aggregate = '${table}' and g.id = t.id and g.generation >= $1)`;
      const rows = new Text(
        `delete from "${schema}"."${table}" where ctid = any(array(select ctid from "${schema}"."${table}" t where ${outlived} limit ${sweepBatch}))`,
      );
      const entries = new Text(
        `delete from cutover.register where ctid = any(array(select ctid from cutover.register where module = '${schema}' and aggregate = '${table}' and generation < $1 limit ${sweepBatch})) and generation < $1`,
      );
      const swept = await inBatches(() => acrossTenants(rows, [generation]), signal);
      await inBatches(() => acrossTenants(entries, [generation]), signal);
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
  if (key.deleted || row["revision"] === null) return { ...key, value: null, fault: null };
  try {
    const value: Stored<Aggregate> = codec.decode(row);
    return { ...key, value, fault: null };
  } catch (error) {
    return { ...key, value: null, fault: faultOf(error) };
  }
}

const faultOf = (error: unknown): DataLayerError => (isDataLayerError(error) ? error : mapError(error));
