import { checkDue, type DueWork, type TenantId } from "@stellaops/kernel";
import type { Text } from "./statement.ts";
import type { Unit } from "./unit.ts";

/** Through a reviewed function of kind, instant and limit: under the policies nobody sees the rows of more than one tenant. */
export abstract class PostgresDueWork<K extends string> implements DueWork<K> {
  readonly #unit: Unit;
  readonly #kinds: readonly K[];
  readonly #dueTenants: Text;

  constructor(unit: Unit, kinds: readonly K[], dueTenants: Text) {
    this.#unit = unit;
    this.#kinds = kinds;
    this.#dueTenants = dueTenants;
  }

  async dueTenants(kind: K, at: Date, limit: number): Promise<readonly TenantId[]> {
    checkDue(this.#kinds, { kind, at, limit });
    const [found] = await this.#unit.run([this.#dueTenants.bind([kind, at, limit])]);
    return (found?.rows ?? []).map((row) => String(row["tenant_id"]) as TenantId);
  }
}
