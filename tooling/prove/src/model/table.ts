import {
  byBytes,
  byKey,
  GLOBAL,
  immutable,
  integrity,
  isChild,
  meets,
  members,
  normalise,
  normalisePart,
  revisionOf,
  stale,
  indexName,
  type Aggregate,
  type TenantId,
} from "@stellaops/kernel";

/** Values as their definition gives them; which fields there are the definition says. */
export type Value = Readonly<Record<string, unknown>> & { readonly id: string };
export type Row = Value & { readonly revision: bigint; readonly tenantId: string };
export type Order = (row: Row) => readonly (string | number)[];

/** One aggregate in memory: what is stored, and with a register the revision of what was deleted. */
export class Table {
  readonly definition: Aggregate;
  readonly #registered: boolean;
  #rows = new Map<string, Row>();
  #deleted = new Map<string, bigint>();

  constructor(definition: Aggregate, registered: boolean) {
    this.definition = definition;
    this.#registered = registered;
  }

  /** Gives back what is there now, for a unit that fails. */
  savepoint(): () => void {
    const [rows, deleted] = [new Map(this.#rows), new Map(this.#deleted)];
    return () => {
      this.#rows = rows;
      this.#deleted = deleted;
    };
  }

  clean(value: unknown): Value {
    const clean = normalise(this.definition, value) as unknown as Value;
    return Object.fromEntries(
      members(this.definition.shape).map(([name, member]) => {
        const field = clean[name];
        if (!isChild(member) || member.children !== "set") return [name, field];
        return [name, (field as readonly object[]).toSorted((a, b) => byKey(member, a as never, b as never))];
      }),
    ) as unknown as Value;
  }

  idOf(id: string): string {
    return normalisePart<Aggregate, "id">(this.definition, { id }).id;
  }

  own(tenant: TenantId, matches: (row: Row) => boolean = () => true): readonly Row[] {
    return [...this.#rows.values()].filter((row) => row.tenantId === tenant && matches(row));
  }

  /** The tenant's own and the shared ones, in an order that ends in id and tenant. */
  visible(tenant: TenantId, matches: (row: Row) => boolean, order: Order = () => []): readonly Row[] {
    const shared = tenant === GLOBAL ? [] : this.own(GLOBAL, matches);
    const keyOf = (row: Row) => [...order(row), row.id, row.tenantId];
    return [...this.own(tenant, matches), ...shared].toSorted((a, b) => byParts(keyOf(a), keyOf(b)));
  }

  /** The tenant's own before the shared one. */
  first(tenant: TenantId, matches: (row: Row) => boolean): Row | null {
    return this.own(tenant, matches)[0] ?? this.own(GLOBAL, matches)[0] ?? null;
  }

  get(tenant: TenantId, id: string): Row | null {
    const clean = this.idOf(id);
    return this.first(tenant, (row) => row.id === clean);
  }

  put(tenant: TenantId, value: unknown, expected: bigint): bigint {
    revisionOf(expected);
    const clean = this.clean(value);
    if (expected === 0n) return this.create(tenant, clean);
    return this.replace(tenant, clean, expected);
  }

  create(tenant: TenantId, value: Value): bigint {
    const name = `${tenant}/${value.id}`;
    if (this.#rows.has(name)) throw stale(this.definition, 0n);
    return this.#store(tenant, value, (this.#deleted.get(name) ?? 0n) + 1n);
  }

  replace(tenant: TenantId, value: Value, expected: bigint): bigint {
    this.#expect(`${tenant}/${value.id}`, expected);
    return this.#store(tenant, value, expected + 1n);
  }

  /** Some fields of a row that is there. */
  change({ tenantId, revision, ...value }: Row, fields: Readonly<Record<string, unknown>>): Row {
    this.#store(tenantId as TenantId, { ...(value as Value), ...fields }, revision + 1n);
    return this.#rows.get(`${tenantId}/${value.id}`) as Row;
  }

  delete(tenant: TenantId, id: string, expected: bigint): void {
    revisionOf(expected);
    const name = `${tenant}/${this.idOf(id)}`;
    this.#expect(name, expected);
    this.#rows.delete(name);
    if (this.#registered) this.#deleted.set(name, expected + 1n);
  }

  #expect(name: string, revision: bigint): void {
    const row = this.#rows.get(name);
    if (row?.revision !== revision) throw stale(this.definition, revision);
    const { frozen } = this.definition;
    if (frozen !== null && meets(frozen, row)) throw immutable(this.definition);
  }

  #store(tenant: TenantId, value: Value, revision: bigint): bigint {
    for (const { fields, where } of this.definition.unique) {
      if (where !== null && !meets(where, value)) continue;
      const taken = this.own(
        tenant,
        (row) =>
          row.id !== value.id &&
          (where === null || meets(where, row)) &&
          fields.every((field) => row[field] === value[field]),
      );
      if (taken.length === 0) continue;
      const constraint = indexName("uq", this.definition.table, fields);
      throw integrity("UNIQUE_VIOLATION", `${constraint} is taken`, { details: { constraint } });
    }
    this.#rows.set(`${tenant}/${value.id}`, { ...value, revision, tenantId: tenant });
    return revision;
  }
}

function byParts(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  for (const [i, left] of a.entries()) {
    const right = b[i];
    const order = typeof left === "number" ? Math.sign(left - Number(right)) : byBytes(left, String(right));
    if (order !== 0) return order;
  }
  return 0;
}
