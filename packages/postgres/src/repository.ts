import {
  Cursors,
  limitOf,
  normalise,
  normalisePart,
  pageOf,
  raced,
  racedByKey,
  revisionOf,
  stale,
  type Aggregate,
  type AggregateOf,
  type Page,
  type PageRequest,
  type Repository,
  type Stored,
  type WritePlan,
} from "@stellaops/kernel";
import type { Result, Row, Statement } from "./batch.ts";
import type { TableCodec } from "./codec.ts";
import { positionOf } from "./pages.ts";
import { Text, type Prepared } from "./statement.ts";
import type { Change, List, Whole, Write } from "./table.ts";
import type { Unit } from "./unit.ts";

interface Table<A extends Aggregate> {
  readonly definition: A;
  readonly codec: TableCodec<A>;
  readonly byId: List<object>;
  readonly get: Text;
  readonly count: Text;
  readonly create: Write;
  readonly replace: Write;
  readonly remove: Write;
}

/** The common verbs on PostgreSQL; a repository file adds only what is particular. */
export abstract class PostgresRepository<A extends Aggregate> implements Repository<A> {
  protected readonly unit: Unit;
  readonly #table: Table<A>;

  constructor(unit: Unit, table: Table<A>) {
    this.unit = unit;
    this.#table = table;
  }

  async get(id: string): Promise<Stored<A> | null> {
    const { rows } = await this.run(this.#table.get.bind([this.unit.tenant, this.idOf(id)]));
    return rows[0] === undefined ? null : this.#table.codec.decode(rows[0]);
  }

  list(request: PageRequest = {}): Promise<Page<Stored<A>>> {
    return this.page(this.#table.byId, {}, request);
  }

  async count(): Promise<bigint> {
    const { rows } = await this.run(this.#table.count.bind([this.unit.tenant]));
    return BigInt(String(rows[0]?.["count"]));
  }

  async put(aggregate: AggregateOf<A>, expected: bigint): Promise<bigint> {
    revisionOf(expected);
    const { definition, create, replace } = this.#table;
    const clean = normalise(definition, aggregate);
    const [written] = await this.write(expected === 0n ? create : replace, [this.encode(clean, expected + 1n)]);
    if (written === undefined) throw stale(this.#table.definition, expected);
    return written.revision;
  }

  async delete(id: string, expected: bigint): Promise<void> {
    revisionOf(expected);
    const [gone] = await this.write(this.#table.remove, [{ id: this.idOf(id), revision: String(expected) }]);
    if (gone === undefined) throw stale(this.#table.definition, expected);
  }

  /** An id as both databases can hold one. @throws `VALUE_ID` */
  protected idOf(id: string): string {
    return normalisePart<Aggregate, "id">(this.#table.definition, { id }).id;
  }

  protected encode(aggregate: AggregateOf<A>, revision: bigint): object {
    return this.#table.codec.encode(aggregate, revision);
  }

  /** A generated write of aggregates already encoded; the ids and revisions that were written. */
  protected async write(write: Write, payload: readonly object[]): Promise<readonly Written[]> {
    return this.#written((await this.run(this.#bound(write, payload))).rows);
  }

  /** New aggregates, all of them or none. */
  protected async createAll(aggregates: readonly AggregateOf<A>[]): Promise<void> {
    if (aggregates.length === 0) return;
    const payload = aggregates.map((aggregate) => this.encode(aggregate, 1n));
    await this.atomically(async (repository) => {
      if ((await repository.write(this.#table.create, payload)).length < payload.length)
        throw stale(this.#table.definition, 0n);
    });
  }

  /** New aggregates and aggregates read at a revision, in one flush; all of them, or a transient error: a unit of its own is needed. */
  protected async writeAll(plan: WritePlan<A>): Promise<void> {
    const { create = [], replace = [], remove = [] } = plan;
    const steps: readonly (readonly [Write, readonly object[]])[] = [
      [this.#table.remove, remove.map(({ id, revision }) => ({ id, revision: String(revision) }))],
      [this.#table.replace, replace.map(({ aggregate, expected }) => this.encode(aggregate, expected + 1n))],
      [this.#table.create, create.map((aggregate) => this.encode(aggregate, 1n))],
    ];
    const used = steps.filter(([, payload]) => payload.length > 0);
    if (used.length === 0) return;
    const results = await this.unit
      .run(used.map(([write, payload]) => this.#bound(write, payload)))
      .catch(racedByKey(this.#table.definition));
    for (const [i, { rows }] of results.entries()) {
      this.#written(rows);
      const [write, payload] = used[i] ?? [];
      if (rows.length === payload?.length) continue;
      // A new one gives no row where the register knows its id as live: no retry changes that.
      if (write === this.#table.create) throw stale(this.#table.definition, 0n);
      throw raced(this.#table.definition);
    }
  }

  /**
   * Lets units of one tenant's whole collection take turns, for verbs whose outcome rests on rows that are not there yet.
   * First of the unit, so that what it reads next is what the one before left.
   */
  protected async takeTurn(): Promise<void> {
    const { module, table } = this.#table.definition;
    await this.run(turn.bind([`${module}.${table}/${this.unit.tenant}`]));
  }

  #bound(write: Write, payload: readonly object[]): Statement {
    const { register, tenant } = this.unit;
    const json = JSON.stringify(payload);
    return register === null
      ? write.bare.bind([tenant, json])
      : write.registered.bind([tenant, json, register.generation, register.pending]);
  }

  /** A particular change; gives the changed aggregates, when it returns them whole. */
  protected async change<P>(change: Change<P>, params: P): Promise<readonly Stored<A>[]> {
    return (await this.changed(change, params)).map((row) => this.#table.codec.decode(row));
  }

  /**
   * A particular change that returns other columns than the whole, id and revision among them. What goes before and after it runs in the
   * same flush and transaction, each statement on a snapshot of its own.
   */
  protected async changed<P>(
    change: Change<P>,
    params: P,
    { before = [], after = [] }: { readonly before?: readonly Statement[]; readonly after?: readonly Statement[] } = {},
  ): Promise<readonly Row[]> {
    const { register, tenant } = this.unit;
    const bare = change.prepared.bind(tenant, params);
    const statement =
      register === null
        ? bare
        : change.registered().bind([...bare.values, tenant, register.generation, register.pending]);
    const results = await this.unit.run([...before, statement, ...after]);
    const rows = results[before.length]?.rows ?? [];
    this.#written(rows);
    return rows;
  }

  protected atomically<T>(work: (repository: this) => Promise<T>): Promise<T> {
    const Self = this.constructor as new (unit: Unit) => this;
    return this.unit.atomically((unit) => work(new Self(unit)));
  }

  protected async page<P extends object>(list: List<P>, params: P, request: PageRequest): Promise<Page<Stored<A>>> {
    const { definition, codec } = this.#table;
    const limit = limitOf(request);
    const cursors = new Cursors(definition.module, definition.table, list.name, this.unit.tenant, params);
    const position = cursors.decode(request.after, list.order.length) ?? list.order.map(({ first }) => first);
    const positions = Object.fromEntries(position.map((value, i) => [`position.${i}`, value]));
    const statement = list.prepared.bind(this.unit.tenant, { ...params, ...positions, limit: limit + 1 });
    const { rows } = await this.run(statement);
    const { items, next } = pageOf(rows, limit, (last) => cursors.encode(positionOf(list.order, last)));
    return { items: items.map((row) => codec.decode(row)), next };
  }

  /** By a key that is unique for a tenant: the statement orders the tenant's own before the shared one. */
  protected async first<P>(prepared: Prepared<P, Whole<AggregateOf<A>>>, params: P): Promise<Stored<A> | null> {
    return (await this.many(prepared, params))[0] ?? null;
  }

  protected async many<P>(prepared: Prepared<P, Whole<AggregateOf<A>>>, params: P): Promise<readonly Stored<A>[]> {
    return (await this.rows(prepared, params)).map((row) => this.#table.codec.decode(row as unknown as Row));
  }

  protected async rows<P, R>(prepared: Prepared<P, R>, params: P): Promise<readonly R[]> {
    return (await this.run(prepared.bind(this.unit.tenant, params))).rows as readonly R[];
  }

  protected async run(statement: Statement): Promise<Result> {
    const [result] = await this.unit.run([statement]);
    return result as Result;
  }

  #written(rows: readonly Row[]): readonly Written[] {
    const written = rows.map((row) => ({ id: String(row["id"]), revision: BigInt(String(row["revision"])), row }));
    const ids = written.map(({ id }) => id);
    if (ids.length > 0) this.unit.register?.touched(this.#table.definition.table, ids);
    return written;
  }
}

const turn = new Text("select pg_advisory_xact_lock(hashtextextended($1, 0))");

export interface Written {
  readonly id: string;
  readonly revision: bigint;
  readonly row: Row;
}
