import {
  Cursors,
  limitOf,
  namedBy,
  normalisePart,
  pageOf,
  type Aggregate,
  type AggregateOf,
  type Page,
  type PageRequest,
  type Reader,
  type Stored,
} from "@stellaops/kernel";
import type { Result, Row, Statement } from "./batch.ts";
import type { TableCodec } from "./codec.ts";
import { ownStatement } from "./own.ts";
import { positionOf } from "./pages.ts";
import type { Prepared, Text } from "./statement.ts";
import type { List, Whole, Write } from "./table.ts";
import type { Unit } from "./unit.ts";

/** What `table` makes of a definition, as far as the common verbs use it. */
export interface Verbs<A extends Aggregate> {
  readonly definition: A;
  readonly codec: TableCodec<A>;
  readonly byId: List<object>;
  readonly get: Text;
  readonly count: Text;
  readonly create: Write;
  readonly replace: Write;
  readonly remove: Write;
}

/** The verbs that read, on PostgreSQL. */
export abstract class PostgresReader<A extends Aggregate> implements Reader<A> {
  protected readonly unit: Unit;
  protected readonly table: Verbs<A>;

  constructor(unit: Unit, table: Verbs<A>) {
    this.unit = unit;
    this.table = table;
  }

  protected get definition(): A {
    return this.table.definition;
  }

  async get(id: string): Promise<Stored<A> | null> {
    const { rows } = await this.run(this.table.get.bind([this.unit.tenant, this.idOf(id)]));
    return rows[0] === undefined ? null : this.table.codec.decode(rows[0]);
  }

  list(request: PageRequest = {}): Promise<Page<Stored<A>>> {
    return this.page(this.table.byId, {}, request);
  }

  async count(): Promise<bigint> {
    const { rows } = await this.run(this.table.count.bind([this.unit.tenant]));
    return BigInt(String(rows[0]?.["count"]));
  }

  /** An id as both databases can hold one. @throws `VALUE_ID` */
  protected idOf(id: string): string {
    return normalisePart<Aggregate, "id">(this.definition, { id }).id;
  }

  /** The tenant's own of a unique key, never the shared one. */
  protected async ownBy(key: Partial<AggregateOf<A>>): Promise<Stored<A> | null> {
    const { definition, codec } = this.table;
    const where = normalisePart<Aggregate, string>(definition, key);
    const { rows } = await this.run(ownStatement(definition, where, this.unit.tenant));
    return rows[0] === undefined ? null : codec.decode(rows[0]);
  }

  protected async page<P extends object>(list: List<P>, params: P, request: PageRequest): Promise<Page<Stored<A>>> {
    const { definition, codec } = this.table;
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
    return (await this.rows(prepared, params)).map((row) => this.table.codec.decode(row as unknown as Row));
  }

  protected async rows<P, R>(prepared: Prepared<P, R>, params: P): Promise<readonly R[]> {
    return (await this.run(prepared.bind(this.unit.tenant, params))).rows as readonly R[];
  }

  protected async run(statement: Statement): Promise<Result> {
    const [result] = await this.flush([statement]);
    return result as Result;
  }

  /** One flush, its errors in the words of the definition. */
  protected flush(statements: readonly Statement[]): Promise<readonly Result[]> {
    return this.unit.run(statements).catch(namedBy(this.definition));
  }
}
