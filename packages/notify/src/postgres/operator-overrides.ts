import { normaliseKey, type PageRequest } from "@stellaops/kernel";
import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { operatorOverrides } from "../aggregates.ts";
import type { OperatorOverrides } from "../repositories/operator-overrides.ts";
import type { DB } from "./generated/database.ts";

const { list, ...verbs } = table<DB, "operator_overrides", typeof operatorOverrides>(operatorOverrides);

const active = list<{ at: Date }>()("listActive", {
  order: ["expiresAt"],
  where: (query, { at }) => query.where("operator_overrides.expires_at", ">", at),
});

export class PostgresOperatorOverrides
  extends PostgresRepository<typeof operatorOverrides>
  implements OperatorOverrides
{
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async listActive(instant: Date, request: PageRequest = {}) {
    const at = normaliseKey(operatorOverrides, { expiresAt: instant }).expiresAt;
    return this.page(active, { at }, request);
  }
}
