import {
  cleanBatch,
  codeOf,
  guardOf,
  identified,
  immutable,
  normalise,
  purgeOf,
  raced,
  racedByKey,
  revisionOf,
  stale,
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
import type { AnyBulkWriteOperation, Document, Filter, UpdateFilter } from "mongodb";
import type { StoredDocument } from "./codec.ts";
import { among, changeable } from "./frozen.ts";
import { guardedUpdate, valuesOf } from "./guarded.ts";
import { operate, type Operation } from "./operate.ts";
import { oldOf } from "./purge.ts";
import { MongoReader, type DocumentOf, type Sort } from "./reader.ts";
import { enter, enterNew } from "./register.ts";
import type { Unit } from "./unit.ts";
import type { Change, Where } from "./where.ts";

/** The common verbs on MongoDB; a repository file adds only what is particular. */
export abstract class MongoRepository<A extends Aggregate> extends MongoReader<A> implements Repository<A> {
  async put(aggregate: AggregateOf<A>, expected: bigint): Promise<bigint> {
    revisionOf(expected);
    const clean = normalise(this.definition, aggregate);
    return expected === 0n ? this.#insert(clean) : this.#replace(clean, expected);
  }

  async delete(id: string, expected: bigint): Promise<void> {
    revisionOf(expected);
    const { definition } = this.table;
    const key = { id: this.idOf(id), revision: expected };
    const own = changeable(definition, { tenantId: this.unit.tenant, ...key });
    const { deletedCount } = await this.#send((documents, options) => documents.deleteOne(own, options));
    if (deletedCount === 0) throw await this.#refused(key);
    await this.entering(() => enter(this.unit, definition, [{ id, revision: expected + 1n }], true));
  }

  protected encode(aggregate: AggregateOf<A>, revision: bigint): StoredDocument {
    const document = this.table.codec.encode(aggregate, this.unit.tenant, revision);
    return { _id: `${this.unit.tenant}/${document.id}`, ...document };
  }

  /** One atomic change of one of the tenant's own aggregates; null when none matches. */
  protected async change<D extends object = object>(
    filter: Where<DocumentOf<A> & NoInfer<D>>,
    update: Change<DocumentOf<A>> | readonly Document[],
  ): Promise<Stored<A> | null> {
    return this.changed(filter, update);
  }

  /** The same with any update, made from the definition; of several that match the first. */
  protected async changed(
    filter: Document,
    update: Document | readonly Document[],
    sort: Sort = {},
  ): Promise<Stored<A> | null> {
    const { definition, codec } = this.table;
    const own = changeable(definition, { ...filter, tenantId: this.unit.tenant });
    const found = await this.#send((documents, options) =>
      documents.findOneAndUpdate(own, bumped(update), { sort: { ...sort }, returnDocument: "after", ...options }),
    );
    if (found === null) return null;
    const changed = codec.decode(found);
    await this.entering(() => enter(this.unit, definition, [changed as Stored<Aggregate> & { readonly id: string }]));
    return changed;
  }

  /** The same change of all of the tenant's own that match; how many. Whoever calls it enters the register. */
  protected async changeMany(filter: Document, update: Document | readonly Document[]): Promise<number> {
    const own = changeable(this.definition, { ...filter, tenantId: this.unit.tenant });
    const { modifiedCount } = await this.#send((documents, options) =>
      documents.updateMany(own, bumped(update), options),
    );
    return modifiedCount;
  }

  /** One guarded change of one of the tenant's own roots, and of one of its children; null when none is as the guard says. */
  protected async changeOne(guarded: Guarded<A>): Promise<Stored<A> | null> {
    return this.guarded(guardOf(this.definition, guarded));
  }

  /** The same for values that are clean already. */
  protected async guarded(guard: Guard): Promise<Stored<A> | null> {
    const { filter, update } = guardedUpdate(this.definition, guard);
    const changed = await this.changed(filter, update);
    if (changed === null) await this.#refuseFrozen(valuesOf(this.definition, identified(guard)));
    return changed;
  }

  /** One of the tenant's own, made where there is none; gives what was there before. Whoever calls it enters the register. */
  protected async upsert<T extends object>(
    key: Readonly<Record<string, unknown>>,
    update: readonly Document[],
  ): Promise<T | null> {
    const own = { ...key, tenantId: this.unit.tenant } as Filter<StoredDocument>;
    const before = await this.#send((documents, options) =>
      documents.findOneAndUpdate(own, [...update], { upsert: true, returnDocument: "before", ...options }),
    );
    return before as unknown as T | null;
  }

  /** One change of several of the tenant's own, found in this very unit: all of them, or a transient error. A unit of its own is needed. */
  protected async changeAll(
    found: readonly { readonly id: string; readonly revision: bigint }[],
    update: Change<DocumentOf<A>> | readonly Document[],
  ): Promise<void> {
    if (found.length === 0) return;
    const { definition } = this.table;
    const own = { id: { $in: found.map(({ id }) => id) } };
    if ((await this.changeMany(own, update)) < found.length) {
      await this.#refuseFrozen(own);
      throw raced(definition);
    }
    const changed = found.map(({ id, revision }) => ({ id, revision: revision + 1n }));
    await this.entering(() => enter(this.unit, definition, changed));
  }

  /**
   * See `Purging`; `only` narrows it to those in which a field has one of these values. What is found is deleted in the snapshot it was
   * found in: of two who purge at once one is run again.
   */
  protected async purgeOld(request: PurgeRequest, only: Among<A> = {}): Promise<number> {
    const purge = purgeOf(this.definition, request);
    return this.atomically(async (repository) => {
      const first = { sort: { [purge.by]: 1, id: 1 }, limit: purge.limit } as const;
      const found = await repository.pick(oldOf<DocumentOf<A>>(purge, only), [], first);
      await repository.writeAll({ remove: found });
      return found.length;
    });
  }

  /** New records of an append-only aggregate, all of them or none; no id twice. */
  protected async appendAll(batch: readonly AggregateOf<A>[], max: number): Promise<void> {
    const idOf = (record: AggregateOf<A>): string => (record as { readonly id: string }).id;
    const clean = cleanBatch(this.definition, batch, max, idOf);
    await this.atomically((repository) => repository.createAll(clean));
  }

  protected atomically<T>(work: (repository: this) => Promise<T>): Promise<T> {
    const Self = this.constructor as new (unit: Unit) => this;
    return this.unit.atomically((unit) => work(new Self(unit)));
  }

  /** New aggregates, all of them or none: a unit of its own is needed. */
  protected async createAll(aggregates: readonly AggregateOf<A>[]): Promise<readonly bigint[]> {
    if (aggregates.length === 0) return [];
    const { definition } = this.table;
    const ids = aggregates.map((aggregate) => (aggregate as { readonly id: string }).id);
    const revived = await this.entering(() => enterNew(this.unit, definition, ids)).catch((error: unknown) => {
      // The register knows the key as live: its own document is nobody's business.
      throw codeOf(error) === "REVISION_CONFLICT" ? stale(definition, 0n) : error;
    });
    const revisions = ids.map((id) => revived.get(id) ?? 1n);
    const documents = aggregates.map((aggregate, i) => this.encode(aggregate, revisions[i] ?? 1n));
    await this.#send((collection, options) => collection.insertMany(documents, { ordered: true, ...options }));
    return revisions;
  }

  /** A new aggregate, whole as it is stored; a transient error where another took its key since. */
  protected async createOne(aggregate: AggregateOf<A>): Promise<Stored<A>> {
    const { definition } = this.table;
    const clean = normalise(definition, aggregate);
    const [revision = 1n] = await this.createAll([clean]).catch(racedByKey(definition));
    return { ...clean, revision, tenantId: this.unit.tenant };
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

  /** New aggregates and aggregates read at a revision; all of them, or a transient error: a unit of its own is needed. */
  protected async writeAll(plan: WritePlan<A>): Promise<void> {
    const { create = [], replace = [], remove = [] } = plan;
    const { definition, codec } = this.table;
    const { tenant } = this.unit;
    const documents = replace.map(({ aggregate, expected }) => codec.encode(aggregate, tenant, expected + 1n));
    const operations: AnyBulkWriteOperation<StoredDocument>[] = [
      ...remove.map(({ id, revision }) => ({
        deleteOne: { filter: changeable(definition, { tenantId: tenant, id, revision }) },
      })),
      ...documents.map((replacement) => ({
        replaceOne: {
          filter: changeable(definition, {
            tenantId: tenant,
            id: replacement.id,
            revision: replacement.revision - 1n,
          }),
          replacement,
        },
      })),
    ];
    if (operations.length > 0) {
      const { matchedCount, deletedCount } = await this.#send((collection, options) =>
        collection.bulkWrite(operations, { ordered: true, ...options }),
      ).catch(racedByKey(definition));
      if (matchedCount + deletedCount < operations.length) {
        await this.#refuseFrozen({ id: { $in: [...documents, ...remove].map(({ id }) => id) } });
        throw raced(definition);
      }
      await this.entering(() => enter(this.unit, definition, documents));
      const gone = remove.map(({ id, revision }) => ({ id, revision: revision + 1n }));
      await this.entering(() => enter(this.unit, definition, gone, true));
    }
    await this.createAll(create).catch(racedByKey(definition));
  }

  /**
   * Lets units of one tenant's whole collection take turns, for verbs whose outcome rests on documents that are not there yet.
   * First of the unit, so that its snapshot is what the one before left; of two at once one is run again. Where ids are named, turns are
   * taken for each of them instead.
   */
  protected async takeTurn(ids?: readonly string[]): Promise<void> {
    const { db, session, tenant } = this.unit;
    const all = `${this.definition.table}/${tenant}`;
    const turns = ids?.map((id) => `${all}/${id}`) ?? [all];
    const options = session === undefined ? {} : { session };
    const operations = turns.map((_id) => ({
      updateOne: { filter: { _id, tenantId: tenant }, update: { $inc: { turn: 1n } }, upsert: true },
    }));
    await this.entering(() =>
      db
        .collection<{ readonly _id: string; readonly tenantId: string; readonly turn: bigint }>("turns")
        .bulkWrite(operations, { ordered: true, ...options }),
    );
  }

  async #insert(aggregate: AggregateOf<A>): Promise<bigint> {
    const [revision = 1n] = await this.createAll([aggregate]);
    return revision;
  }

  async #replace(aggregate: AggregateOf<A>, expected: bigint): Promise<bigint> {
    const { definition, codec } = this.table;
    const { tenant } = this.unit;
    const document = codec.encode(aggregate, tenant, expected + 1n);
    const key = { id: document.id, revision: expected };
    const own = changeable(definition, { tenantId: tenant, ...key });
    const { matchedCount } = await this.#send((documents, options) => documents.replaceOne(own, document, options));
    if (matchedCount === 0) throw await this.#refused(key);
    await this.entering(() => enter(this.unit, definition, [document]));
    return expected + 1n;
  }

  /** Why a write at a revision met nothing. */
  async #refused(key: { readonly id: string; readonly revision: bigint }): Promise<DataLayerError> {
    await this.#refuseFrozen(key);
    return stale(this.definition, key.revision);
  }

  /** @throws `IMMUTABLE` (conflict) where one of the tenant's own with these values never changes again */
  async #refuseFrozen(where: Document): Promise<void> {
    const { frozen } = this.definition;
    if (frozen === null) return;
    const met = await this.ids({ $and: [where, among(frozen)] }, { sort: {}, skip: 0, limit: 1 });
    if (met.length > 0) throw immutable(this.definition);
  }

  /** One operation on the collection, its errors mapped. Private: what a repository file can reach carries the tenant already. */
  #send<T>(work: Operation<T>): Promise<T> {
    return operate(this.unit, this.definition, work);
  }
}

function bumped(update: object | readonly Document[]): UpdateFilter<StoredDocument> | Document[] {
  if (Array.isArray(update)) return [...update, { $set: { revision: { $add: ["$revision", 1n] } } }];
  const plain = update as UpdateFilter<StoredDocument>;
  return { ...plain, $inc: { ...plain.$inc, revision: 1n } } as unknown as UpdateFilter<StoredDocument>;
}
