import { mapError as mapMongo } from "@stellaops/mongo";
import { mapError as mapPostgres } from "@stellaops/postgres";
import type { ModuleDefinition } from "@stellaops/kernel";
import type { Db } from "mongodb";
import type { Pool } from "pg";
import type { Database } from "../stages.ts";

/** A key that the other database has refused. */
export interface Parked {
  readonly aggregate: string;
  readonly tenant: string;
  readonly id: string;
  readonly reason: string;
}

/** Keys parked at a primary, in the order of their keys; at most so many. */
export async function parkedAt(
  primary: Database,
  { postgres, mongo, module }: { readonly postgres: Pool; readonly mongo: Db; readonly module: ModuleDefinition },
  limit: number,
): Promise<readonly Parked[]> {
  if (primary === "postgres") {
    const text = `select aggregate, tenant_id as tenant, id::text, refusal as reason from cutover.register
 where module = $1 and pending and refusal is not null order by aggregate, tenant_id, id limit $2`;
    const { rows } = await postgres.query<Parked>(text, [module.name, limit]).catch((error: unknown) => {
      throw mapPostgres(error);
    });
    return rows;
  }
  const found = await mongo
    .collection<{ aggregate: string; tenantId: string; id: string; refusal: string | null; pending: boolean }>(
      "register",
    )
    // Names its aggregates, because only then the index of pending keys is used.
    .find(
      { aggregate: { $in: module.aggregates.map(({ table }) => table) }, pending: true, refusal: { $ne: null } },
      { sort: { aggregate: 1, tenantId: 1, id: 1 }, limit, readConcern: { level: "majority" } },
    )
    .toArray()
    .catch((error: unknown) => {
      throw mapMongo(error);
    });
  return found.map(({ aggregate, tenantId, id, refusal }) => ({
    aggregate,
    tenant: tenantId,
    id,
    reason: String(refusal),
  }));
}
