import {
  Cursors,
  GLOBAL,
  limitOf,
  normalisePart,
  pageOf,
  type Aggregate,
  type AggregateOf,
  type Page,
  type PageRequest,
  type Reader,
  type Stored,
} from "@stellaops/kernel";
import type { Document, Filter } from "mongodb";
import type { StoredDocument } from "./codec.ts";
import { operate, told, type Operation } from "./operate.ts";
import { merged, ofBoth, ofTenant, positionOf, type List, type PageQuery } from "./pages.ts";
import type { Table } from "./table.ts";
import type { Unit } from "./unit.ts";
import type { Where } from "./where.ts";

/** Field names of the aggregate as its document has them. */
export type DocumentOf<A extends Aggregate> = AggregateOf<A> & { readonly revision: bigint };

export type Sort = Readonly<Record<string, 1 | -1>>;

interface Cut {
  readonly sort: Sort;
  readonly skip: number;
  readonly limit: number;
}

/** The verbs that read, on MongoDB. */
export abstract class MongoReader<A extends Aggregate> implements Reader<A> {
  protected readonly unit: Unit;
  protected readonly table: Table<A>;

  constructor(unit: Unit, table: Table<A>) {
    this.unit = unit;
    this.table = table;
  }

  protected get definition(): A {
    return this.table.definition;
  }

  async get(id: string): Promise<Stored<A> | null> {
    return this.first({ id: this.idOf(id) } as Where<DocumentOf<A>>);
  }

  list(request: PageRequest = {}): Promise<Page<Stored<A>>> {
    return this.page(this.table.byId, {}, {}, request);
  }

  async count(): Promise<bigint> {
    const { tenant } = this.unit;
    const tenantId = tenant === GLOBAL ? tenant : { $in: [tenant, GLOBAL] };
    return BigInt(await this.#send((documents, options) => documents.countDocuments({ tenantId }, options)));
  }

  /** An id as both databases can hold one. @throws `VALUE_ID` */
  protected idOf(id: string): string {
    return normalisePart<Aggregate, "id">(this.table.definition, { id }).id;
  }

  /** Aggregates visible to the tenant; at most a few: a list pages. */
  protected async visible<D extends object = object>(
    filter: Where<DocumentOf<A> & NoInfer<D>>,
    limit = 0,
  ): Promise<readonly Stored<A>[]> {
    const tenantId = { $in: [this.unit.tenant, GLOBAL] };
    const found = await this.#send((documents, options) =>
      documents.find({ ...(filter as Filter<StoredDocument>), tenantId }, { limit, ...options }).toArray(),
    );
    return found.map((document) => this.table.codec.decode(document));
  }

  /** By a key that is unique for a tenant: the tenant's own before the shared one. */
  protected async first<D extends object = object>(
    filter: Where<DocumentOf<A> & NoInfer<D>>,
  ): Promise<Stored<A> | null> {
    const found = await this.visible<D>(filter);
    return found.find(({ tenantId }) => tenantId === this.unit.tenant) ?? found[0] ?? null;
  }

  /** All of the tenant's own that match: for collections whose size the contract bounds. */
  protected async own(filter: Where<DocumentOf<A>>): Promise<readonly Stored<A>[]> {
    const tenantId = this.unit.tenant;
    const found = await this.#send((documents, options) =>
      documents.find({ ...(filter as Filter<StoredDocument>), tenantId }, options).toArray(),
    );
    return found.map((document) => this.table.codec.decode(document));
  }

  /** The tenant's own of a unique key, never the shared one. */
  protected async ownBy(key: Partial<AggregateOf<A>>): Promise<Stored<A> | null> {
    const live = this.definition.soft && !("id" in key) ? { deletedAt: null } : {};
    const where = { ...normalisePart<Aggregate, string>(this.definition, key), ...live };
    return (await this.own(where as Where<DocumentOf<A>>))[0] ?? null;
  }

  /** Some fields, beside id and revision, of the tenant's own that match. */
  protected async pick<K extends keyof DocumentOf<A> & string>(
    filter: Where<DocumentOf<A>>,
    fields: readonly K[],
    first: { readonly sort?: Readonly<Record<string, 1 | -1>>; readonly limit?: number } = {},
  ): Promise<readonly Pick<DocumentOf<A>, K | ("id" & keyof DocumentOf<A>) | "revision">[]> {
    const projection = Object.fromEntries(["id", "revision", ...fields].map((field) => [field, 1]));
    const own = { ...(filter as Filter<StoredDocument>), tenantId: this.unit.tenant };
    const found = await this.#send((documents, options) =>
      documents.find(own, { projection, ...first, ...options }).toArray(),
    );
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
    filter: Where<DocumentOf<A> & NoInfer<D>> | null,
    request: PageRequest,
  ): Promise<Page<Stored<A>>> {
    const { definition, codec } = this.table;
    const { tenant } = this.unit;
    const limit = limitOf(request);
    const cursors = new Cursors(definition.module, definition.table, list.name, tenant, params);
    const position = cursors.decode(request.after, list.order.length);
    if (filter === null) return { items: [], next: null };
    const found = await this.#both({ list, filter, position, limit: limit + 1 });
    const { items, next } = pageOf(found, limit, (last) => cursors.encode(positionOf(list, last)));
    return { items: items.map((document) => codec.decode(document)), next };
  }

  /** Ids of some of the tenant's own that match, from an index alone where one holds all that is asked. */
  protected async ids(filter: Document, { sort, skip, limit }: Cut): Promise<readonly string[]> {
    const own: Filter<StoredDocument> = { ...filter, tenantId: this.unit.tenant };
    const projection = { _id: 0, id: 1 };
    const found = await this.#send((documents, options) =>
      documents.find(own, { projection, sort: { ...sort }, skip, limit, batchSize: limit + 1, ...options }).toArray(),
    );
    return found.map(({ id }) => id);
  }

  protected entering<T>(work: () => Promise<T>): Promise<T> {
    return told(this.unit, this.definition, work);
  }

  /** One operation on the collection, its errors mapped. Private: what a repository file can reach carries the tenant already. */
  #send<T>(work: Operation<T>): Promise<T> {
    return operate(this.unit, this.definition, work);
  }

  async #both(query: PageQuery): Promise<readonly StoredDocument[]> {
    const { tenant, session } = this.unit;
    const ask = (pipeline: Document[]) =>
      this.#send((documents, options) => documents.aggregate<StoredDocument>(pipeline, options).toArray());
    if (tenant === GLOBAL) return ask(ofTenant(query, tenant));
    if (session === undefined) return ask(ofBoth(query, this.table.definition.table, tenant));
    return merged(query, await ask(ofTenant(query, tenant)), await ask(ofTenant(query, GLOBAL)));
  }
}
