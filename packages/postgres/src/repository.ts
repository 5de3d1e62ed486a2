import {
  cleanBatch,
  guardOf,
  identified,
  immutable,
  normalise,
  purgeOf,
  raced,
  racedByKey,
  revisionOf,
  stale,
  withChild,
  type Aggregate,
  type AggregateOf,
  type Among,
  type DataLayerError,
  type Guard,
  type Guarded,
  type PurgeRequest,
  type Repository,
  type Stored,
  type WritePlan,
} from "@stellaops/kernel";
import type { Row, Statement } from "./batch.ts";
import { guardedStatements } from "./guarded.ts";
import { purgeStatement, type PurgeParts } from "./purge.ts";
import { meetsStatement } from "./own.ts";
import { PostgresReader } from "./reader.ts";
import { Text } from "./statement.ts";
import type { Change, Write } from "./table.ts";
import type { Unit } from "./unit.ts";

/** The common verbs on PostgreSQL; a repository file adds only what is particular. */
export abstract class PostgresRepository<A extends Aggregate> extends PostgresReader<A> implements Repository<A> {
  async put(aggregate: AggregateOf<A>, expected: bigint): Promise<bigint> {
    revisionOf(expected);
    const { definition, create, replace } = this.table;
    const clean = normalise(definition, aggregate);
    const [written] = await this.write(expected === 0n ? create : replace, [this.encode(clean, expected + 1n)]);
    if (written === undefined) throw await this.#refused(clean, expected);
    return written.revision;
  }

  async delete(id: string, expected: bigint): Promise<void> {
    revisionOf(expected);
    const key = { id: this.idOf(id) };
    const [gone] = await this.write(this.table.remove, [{ ...key, revision: String(expected) }]);
    if (gone === undefined) throw await this.#refused(key, expected);
  }

  protected encode(aggregate: AggregateOf<A>, revision: bigint): object {
    return this.table.codec.encode(aggregate, revision);
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
      if ((await repository.write(this.table.create, payload)).length < payload.length)
        throw stale(this.definition, 0n);
    });
  }

  /** A new aggregate, whole as it is stored; a transient error where another took its key since. */
  protected async createOne(aggregate: AggregateOf<A>): Promise<Stored<A>> {
    const { definition, create } = this.table;
    const clean = normalise(definition, aggregate);
    const [written] = await this.write(create, [this.encode(clean, 1n)]).catch(racedByKey(definition));
    if (written === undefined) throw stale(definition, 0n);
    return { ...clean, revision: written.revision, tenantId: this.unit.tenant };
  }

  /**
   * The tenant's own of a unique key as it is, else this one, new: whoever asks twice under one key means one. A look-up and a creation that the
   * key guards: of several at once one is made, and the others are run again. Null: it has no key.
   */
  protected async createOnce(
    aggregate: AggregateOf<A>,
    key: Partial<AggregateOf<A>> | null,
  ): Promise<{ readonly one: Stored<A>; readonly created: boolean }> {
    const there = key === null ? null : await this.ownBy(key);
    return there === null ? { one: await this.createOne(aggregate), created: true } : { one: there, created: false };
  }

  /** New aggregates and aggregates read at a revision, in one flush; all of them, or a transient error: a unit of its own is needed. */
  protected async writeAll(plan: WritePlan<A>): Promise<void> {
    const { create = [], replace = [], remove = [] } = plan;
    const steps: readonly (readonly [Write, readonly object[]])[] = [
      [this.table.remove, remove.map(({ id, revision }) => ({ id, revision: String(revision) }))],
      [this.table.replace, replace.map(({ aggregate, expected }) => this.encode(aggregate, expected + 1n))],
      [this.table.create, create.map((aggregate) => this.encode(aggregate, 1n))],
    ];
    const used = steps.filter(([, payload]) => payload.length > 0);
    if (used.length === 0) return;
    const results = await this.flush(used.map(([write, payload]) => this.#bound(write, payload))).catch(
      racedByKey(this.definition),
    );
    for (const [i, { rows }] of results.entries()) {
      this.#written(rows);
      const [write, payload] = used[i] ?? [];
      if (rows.length === payload?.length) continue;
      // A new one gives no row where the register knows its id as live: no retry changes that.
      if (write === this.table.create) throw stale(this.definition, 0n);
      const written = new Set(rows.map(({ id }) => id));
      const others = payload?.map((row) => (row as { readonly id: string }).id).filter((id) => !written.has(id));
      await this.#refuseFrozen({ id: others });
      throw raced(this.definition);
    }
  }

  /**
   * Lets units of one tenant's whole collection take turns, for verbs whose outcome rests on rows that are not there yet.
   * First of the unit, so that what it reads next is what the one before left.
   */
  protected async takeTurn(): Promise<void> {
    const { module, table } = this.definition;
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
    return (await this.changed(change, params)).map((row) => this.table.codec.decode(row));
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
    const results = await this.flush([...before, statement, ...after]);
    const rows = results[before.length]?.rows ?? [];
    this.#written(rows);
    return rows;
  }

  /** One guarded change of one of the tenant's own roots, and of one of its children; null when none is as the guard says. */
  protected async changeOne(guarded: Guarded<A>): Promise<Stored<A> | null> {
    return this.guarded(guardOf(this.definition, guarded));
  }

  /** The same for values that are clean already. */
  protected async guarded(guard: Guard): Promise<Stored<A> | null> {
    const { definition, codec } = this.table;
    const [written] = await this.carried(guardedStatements(definition, guard, this.unit));
    if (written === undefined) {
      await this.#refuseFrozen(identified(guard));
      return null;
    }
    const changed = codec.decode(written.row);
    return guard.child === null ? changed : withChild(changed, guard.child);
  }

  /** What the last of these statements changed; it has entered the register itself. */
  protected async carried(statements: readonly Statement[]): Promise<readonly Written[]> {
    return this.#written((await this.flush(statements)).at(-1)?.rows ?? []);
  }

  /** See `Purging`; `only` narrows it to those in which a field has one of these values. */
  protected async purgeOld(request: PurgeRequest, only: Among<A> = {}): Promise<number> {
    const purging = { purge: purgeOf(this.definition, request), only: only as PurgeParts["only"] };
    return (await this.carried([purgeStatement(this.definition, purging, this.unit)])).length;
  }

  /** New records of an append-only aggregate, all of them or none; no id twice. */
  protected async appendAll(batch: readonly AggregateOf<A>[], max: number): Promise<void> {
    const idOf = (record: AggregateOf<A>): string => (record as { readonly id: string }).id;
    await this.createAll(cleanBatch(this.definition, batch, max, idOf));
  }

  protected atomically<T>(work: (repository: this) => Promise<T>): Promise<T> {
    const Self = this.constructor as new (unit: Unit) => this;
    return this.unit.atomically((unit) => work(new Self(unit)));
  }

  /** Why a write at a revision met nothing. */
  async #refused({ id }: { readonly id: string }, revision: bigint): Promise<DataLayerError> {
    await this.#refuseFrozen({ id, revision });
    return stale(this.definition, revision);
  }

  /** @throws `IMMUTABLE` (conflict) where one of the tenant's own with these values never changes again */
  async #refuseFrozen(where: Readonly<Record<string, unknown>>): Promise<void> {
    const { frozen } = this.definition;
    if (frozen === null) return;
    const { rows } = await this.run(meetsStatement(this.definition, frozen, { where, tenant: this.unit.tenant }));
    if (rows.length > 0) throw immutable(this.definition);
  }

  #written(rows: readonly Row[]): readonly Written[] {
    const written = rows.map((row) => ({ id: String(row["id"]), revision: BigInt(String(row["revision"])), row }));
    const ids = written.map(({ id }) => id);
    if (ids.length > 0) this.unit.register?.touched(this.definition.table, ids);
    return written;
  }
}

const turn = new Text("select pg_advisory_xact_lock(hashtextextended($1, 0))");

export interface Written {
  readonly id: string;
  readonly revision: bigint;
  readonly row: Row;
}
