import {
  Cursors,
  GLOBAL,
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
import type { AnyBulkWriteOperation, ClientSession, Collection, Document, Filter, UpdateFilter } from "mongodb";
import type { StoredDocument } from "./codec.ts";
import { lostInFlight, mapError } from "./errors.ts";
import { merged, ofBoth, ofTenant, positionOf, type List, type PageQuery } from "./pages.ts";
import { enter, enterNew } from "./register.ts";
import type { Table } from "./table.ts";
import type { Unit } from "./unit.ts";
import type { Change, Where } from "./where.ts";

/** Field names of the aggregate as its document has them. */
export type DocumentOf<A extends Aggregate> = AggregateOf<A> & { readonly revision: bigint };

/** The common verbs on MongoDB; a repository file adds only what is particular. */
export abstract class MongoRepository<A extends Aggregate> implements Repository<A> {
  protected readonly unit: Unit;
  readonly #table: Table<A>;

  constructor(unit: Unit, table: Table<A>) {
    this.unit = unit;
    this.#table = table;
  }

  async get(id: string): Promise<Stored<A> | null> {
    return this.first({ id: this.idOf(id) } as Where<DocumentOf<A>>);
  }

  list(request: PageRequest = {}): Promise<Page<Stored<A>>> {
    return this.page(this.#table.byId, {}, {}, request);
  }

  async count(): Promise<bigint> {
    const { tenant } = this.unit;
    const tenantId = tenant === GLOBAL ? tenant : { $in: [tenant, GLOBAL] };
    return BigInt(await this.#send((documents, options) => documents.countDocuments({ tenantId }, options)));
  }

  async put(aggregate: AggregateOf<A>, expected: bigint): Promise<bigint> {
    revisionOf(expected);
    const clean = normalise(this.#table.definition, aggregate);
    return expected === 0n ? this.#insert(clean) : this.#replace(clean, expected);
  }

  async delete(id: string, expected: bigint): Promise<void> {
    revisionOf(expected);
    const { definition } = this.#table;
    const { deletedCount } = await this.#send((documents, options) =>
      documents.deleteOne({ tenantId: this.unit.tenant, id: this.idOf(id), revision: expected }, options),
    );
    if (deletedCount === 0) throw stale(this.#table.definition, expected);
    await this.entering(() => enter(this.unit, definition, [{ id, revision: expected + 1n }], true));
  }

  /** An id as both databases can hold one. @throws `VALUE_ID` */
  protected idOf(id: string): string {
    return normalisePart<Aggregate, "id">(this.#table.definition, { id }).id;
  }

  protected encode(aggregate: AggregateOf<A>, revision: bigint): StoredDocument {
    const document = this.#table.codec.encode(aggregate, this.unit.tenant, revision);
    return { _id: `${this.unit.tenant}/${document.id}`, ...document };
  }

  /** Aggregates visible to the tenant; at most a few: a list pages. */
  protected async visible(filter: Where<DocumentOf<A>>): Promise<readonly Stored<A>[]> {
    const tenantId = { $in: [this.unit.tenant, GLOBAL] };
    const found = await this.#send((documents, options) =>
      documents.find({ ...(filter as Filter<StoredDocument>), tenantId }, options).toArray(),
    );
    return found.map((document) => this.#table.codec.decode(document));
  }

  /** By a key that is unique for a tenant: the tenant's own before the shared one. */
  protected async first(filter: Where<DocumentOf<A>>): Promise<Stored<A> | null> {
    const found = await this.visible(filter);
    return found.find(({ tenantId }) => tenantId === this.unit.tenant) ?? found[0] ?? null;
  }

  /** All of the tenant's own that match: for collections whose size the contract bounds. */
  protected async own(filter: Where<DocumentOf<A>>): Promise<readonly Stored<A>[]> {
    const tenantId = this.unit.tenant;
    const found = await this.#send((documents, options) =>
      documents.find({ ...(filter as Filter<StoredDocument>), tenantId }, options).toArray(),
    );
    return found.map((document) => this.#table.codec.decode(document));
  }

  /** Some fields, beside id and revision, of the tenant's own that match. */
  protected async project<K extends keyof DocumentOf<A> & string>(
    filter: Where<DocumentOf<A>>,
    fields: readonly K[],
  ): Promise<readonly Pick<DocumentOf<A>, K | ("id" & keyof DocumentOf<A>) | "revision">[]> {
    const projection = Object.fromEntries(["id", "revision", ...fields].map((field) => [field, 1]));
    const own = { ...(filter as Filter<StoredDocument>), tenantId: this.unit.tenant };
    const found = await this.#send((documents, options) => documents.find(own, { projection, ...options }).toArray());
    return found as unknown as readonly Pick<DocumentOf<A>, K | ("id" & keyof DocumentOf<A>) | "revision">[];
  }

  /** What the stages make of the aggregates visible to the tenant; each stage list is the repository's own. */
  protected derive<T extends Document>(
    filter: Where<DocumentOf<A>>,
    stages: readonly Document[],
  ): Promise<readonly T[]> {
    const tenantId = { $in: [this.unit.tenant, GLOBAL] };
    const pipeline = [{ $match: { ...(filter as Filter<StoredDocument>), tenantId } }, ...stages];
    return this.#send((documents, options) => documents.aggregate<T>(pipeline, options).toArray());
  }

  /** `D` types fields that are stored beside the aggregate's own: derived ones. */
  protected async page<D extends object = object>(
    list: List,
    params: object,
    filter: Where<DocumentOf<A> & D> | null,
    request: PageRequest,
  ): Promise<Page<Stored<A>>> {
    const { definition, codec } = this.#table;
    const { tenant } = this.unit;
    const limit = limitOf(request);
    const cursors = new Cursors(definition.module, definition.table, list.name, tenant, params);
    const position = cursors.decode(request.after, list.order.length);
    if (filter === null) return { items: [], next: null };
    const found = await this.#both({ list, filter, position, limit: limit + 1 });
    const { items, next } = pageOf(found, limit, (last) => cursors.encode(positionOf(list, last)));
    return { items: items.map((document) => codec.decode(document)), next };
  }

  /** One atomic change of one of the tenant's own aggregates; null when none matches. */
  protected async change(
    filter: Where<DocumentOf<A>>,
    update: Change<DocumentOf<A>> | readonly Document[],
    sort: Readonly<Record<string, 1 | -1>> = {},
  ): Promise<Stored<A> | null> {
    const { definition, codec } = this.#table;
    const own = { ...(filter as Filter<StoredDocument>), tenantId: this.unit.tenant };
    const found = await this.#send((documents, options) =>
      documents.findOneAndUpdate(own, bumped(update), { sort: { ...sort }, returnDocument: "after", ...options }),
    );
    if (found === null) return null;
    const changed = codec.decode(found);
    await this.entering(() => enter(this.unit, definition, [changed as Stored<Aggregate> & { readonly id: string }]));
    return changed;
  }

  protected atomically<T>(work: (repository: this) => Promise<T>): Promise<T> {
    const Self = this.constructor as new (unit: Unit) => this;
    return this.unit.atomically((unit) => work(new Self(unit)));
  }

  protected async entering<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const { session, writes } = this.unit;
      throw lostInFlight(mapError(error), writes && session === undefined);
    }
  }

  /** New aggregates, all of them or none: a unit of its own is needed. */
  protected async createAll(aggregates: readonly AggregateOf<A>[]): Promise<readonly bigint[]> {
    if (aggregates.length === 0) return [];
    const { definition } = this.#table;
    const ids = aggregates.map((aggregate) => (aggregate as { readonly id: string }).id);
    const revived = await this.entering(() => enterNew(this.unit, definition, ids));
    const revisions = ids.map((id) => revived.get(id) ?? 1n);
    const documents = aggregates.map((aggregate, i) => this.encode(aggregate, revisions[i] ?? 1n));
    await this.#send((collection, options) => collection.insertMany(documents, { ordered: true, ...options }));
    return revisions;
  }

  /** New aggregates and aggregates read at a revision; all of them, or a transient error: a unit of its own is needed. */
  protected async writeAll(plan: WritePlan<A>): Promise<void> {
    const { create = [], replace = [], remove = [] } = plan;
    const { definition, codec } = this.#table;
    const { tenant } = this.unit;
    const documents = replace.map(({ aggregate, expected }) => codec.encode(aggregate, tenant, expected + 1n));
    const operations: AnyBulkWriteOperation<StoredDocument>[] = [
      ...remove.map(({ id, revision }) => ({ deleteOne: { filter: { tenantId: tenant, id, revision } } })),
      ...documents.map((replacement) => ({
        replaceOne: {
          filter: { tenantId: tenant, id: replacement.id, revision: replacement.revision - 1n },
          replacement,
        },
      })),
    ];
    if (operations.length > 0) {
      const { matchedCount, deletedCount } = await this.#send((collection, options) =>
        collection.bulkWrite(operations, { ordered: true, ...options }),
      ).catch(racedByKey(definition));
      if (matchedCount + deletedCount < operations.length) throw raced(definition);
      await this.entering(() => enter(this.unit, definition, documents));
      const gone = remove.map(({ id, revision }) => ({ id, revision: revision + 1n }));
      await this.entering(() => enter(this.unit, definition, gone, true));
    }
    await this.createAll(create).catch(racedByKey(definition));
  }

  /**
   * Lets units of one tenant's whole collection take turns, for verbs whose outcome rests on documents that are not there yet.
   * First of the unit, so that its snapshot is what the one before left; of two at once one is run again.
   */
  protected async takeTurn(): Promise<void> {
    const { db, session, tenant } = this.unit;
    const { table: name } = this.#table.definition;
    const turn = { _id: `${name}/${tenant}`, tenantId: tenant };
    const options = session === undefined ? {} : { session };
    await this.entering(() =>
      db
        .collection<typeof turn & { readonly turn: bigint }>("turns")
        .updateOne(turn, { $inc: { turn: 1n } }, { upsert: true, ...options }),
    );
  }

  /** One operation on the collection, its errors mapped. Private: what a repository file can reach carries the tenant already. */
  async #send<T>(
    work: (documents: Collection<StoredDocument>, options: { session?: ClientSession }) => Promise<T>,
  ): Promise<T> {
    const { db, session } = this.unit;
    return this.entering(() =>
      work(db.collection<StoredDocument>(this.#table.definition.table), session === undefined ? {} : { session }),
    );
  }

  async #both(query: PageQuery): Promise<readonly StoredDocument[]> {
    const { tenant, session } = this.unit;
    const ask = (pipeline: Document[]) =>
      this.#send((documents, options) => documents.aggregate<StoredDocument>(pipeline, options).toArray());
    if (tenant === GLOBAL) return ask(ofTenant(query, tenant));
    if (session === undefined) return ask(ofBoth(query, this.#table.definition.table, tenant));
    return merged(query, await ask(ofTenant(query, tenant)), await ask(ofTenant(query, GLOBAL)));
  }

  async #insert(aggregate: AggregateOf<A>): Promise<bigint> {
    const [revision = 1n] = await this.createAll([aggregate]);
    return revision;
  }

  async #replace(aggregate: AggregateOf<A>, expected: bigint): Promise<bigint> {
    const { definition, codec } = this.#table;
    const { tenant } = this.unit;
    const document = codec.encode(aggregate, tenant, expected + 1n);
    const { matchedCount } = await this.#send((documents, options) =>
      documents.replaceOne({ tenantId: tenant, id: document.id, revision: expected }, document, options),
    );
    if (matchedCount === 0) throw stale(this.#table.definition, expected);
    await this.entering(() => enter(this.unit, definition, [document]));
    return expected + 1n;
  }
}

function bumped(update: object | readonly Document[]): UpdateFilter<StoredDocument> | Document[] {
  if (Array.isArray(update)) return [...update, { $set: { revision: { $add: ["$revision", 1n] } } }];
  const plain = update as UpdateFilter<StoredDocument>;
  return { ...plain, $inc: { ...plain.$inc, revision: 1n } } as unknown as UpdateFilter<StoredDocument>;
}
