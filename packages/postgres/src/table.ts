import { snake, type Aggregate, type AggregateOf } from "@stellaops/kernel";
import { sql, type Compilable, type Expression, type Kysely, type SelectQueryBuilder } from "kysely";
import type { Row } from "./batch.ts";
import { tableCodec } from "./codec.ts";
import { orderOf, pageSql, type Direction, type OrderPart } from "./pages.ts";
import { enteredText } from "./register.ts";
import { compiler, Placeholder, placeholders, Prepared, statements, Text, type Params } from "./statement.ts";
import { countText, createText, deleteText, getText, replaceText, wholeColumns } from "./texts.ts";

declare const whole: unique symbol;
/** A row with every column of the aggregate and its children: only such a row can be decoded to it. */
export interface Whole<A> {
  readonly whole: { readonly [whole]: A };
}

/** A text in the two forms it is run in: bare under a fixed stage, with the register under a live one. */
export interface Write {
  readonly bare: Text;
  readonly registered: Text;
}
const both = (make: (register: boolean) => string): Write => ({
  bare: new Text(make(false)),
  registered: new Text(make(true)),
});

/** A verb that changes rows by a statement of its own, entered in the register as it returns. */
export interface Change<P> {
  readonly prepared: Prepared<P, unknown>;
  /** The same as one CTE beside the register's; generation and pending are its last two parameters. */
  readonly registered: () => Text;
}

/** A list in one total order. */
export interface List<P> {
  readonly name: string;
  readonly order: readonly OrderPart[];
  /** Its parameters are the list's own, `limit`, and `position.0`, `position.1`, …. */
  readonly prepared: Prepared<P & { readonly limit: number }, Row>;
}

export interface ListOptions<DB, T extends keyof DB & string, P> {
  /** Fields of the total order; id and tenant end it. */
  readonly order: readonly string[];
  /** Of all of it, id and tenant too; "asc" when left out. "desc" for instants, counts and integers. */
  readonly direction?: Direction;
  /** Predicates beside the tenant's, which is already there. */
  readonly where?: (query: SelectQueryBuilder<DB, T, object>, params: Params<P>) => Expression<unknown>;
}

/** The generated half of a repository: SQL of the common verbs, and typed starts for the particular ones. */
export function table<DB, T extends string & keyof DB, A extends Aggregate<T>>(definition: A) {
  const { module } = definition;
  const db = compiler<DB>(module);
  const columns = wholeColumns(definition);
  // One aliased expression to Kysely, whose static alias is the brand; the last column's own alias ends it.
  const cut = columns.lastIndexOf(" as ");
  const selection = sql
    .raw<Whole<AggregateOf<A>>["whole"]>(columns.slice(0, cut))
    .as<"whole">(columns.slice(cut + 4).replaceAll('"', "") as "whole");

  const statement = statements<DB>(module);

  /** A statement that changes rows and returns at least id and revision: `returning(whole)`. */
  const change =
    <P>() =>
    <R>(build: (db: Kysely<DB>, params: Params<P>) => Compilable<R>): Change<P> => {
      const prepared = statement<P>()(build);
      let text: Text | undefined;
      return { prepared, registered: () => (text ??= new Text(enteredText(definition, prepared.compiled))) };
    };

  /** Own and shared rows, not those marked as deleted, in which the fields of a unique key have the given values; the tenant's own first. */
  const byKey = <P extends object>(...fields: readonly (keyof P & string)[]) =>
    new Prepared<P, Whole<AggregateOf<A>>>(() => {
      const params = placeholders<P>() as Readonly<Record<string, Expression<unknown>>>;
      const { tenant } = params;
      const same = fields.map((field) => sql`and ${sql.ref(`${definition.table}.${snake(field)}`)} = ${params[field]}`);
      if (definition.soft) same.push(sql`and deleted_at is null`);
      return sql<
        Whole<AggregateOf<A>>
      >`select ${sql.raw(columns)} from ${sql.table(`${module}.${definition.table}`)} where tenant_id in (${tenant}, '@global') ${sql.join(same, sql` `)} order by tenant_id = ${tenant} desc limit 1`.compile(
        db,
      );
    });

  const list =
    <P>() =>
    (name: string, { order: fields, direction = "asc", where }: ListOptions<DB, T, P>): List<P> => {
      const order = orderOf(definition, fields, direction);
      const prepared = new Prepared<P & { readonly limit: number }, Row>(() => {
        const params = placeholders<P & { limit: number }>() as Params<P> & { readonly limit: Expression<number> };
        const after = sql.join(order.map(({ type }, i) => sql`${new Placeholder(`position.${i}`)}::${sql.raw(type)}`));
        const on = (column: string) => sql.ref(`${definition.table}.${column}`);
        const [beyond, way] = [sql.raw(direction === "asc" ? ">" : "<"), sql.raw(direction)];
        const keys = (tenant: Expression<string>) => {
          const start = (db as unknown as Kysely<Record<string, Row>>)
            .selectFrom(definition.table as string)
            .select(order.map(({ column }) => `${definition.table}.${column}` as never))
            .where(sql<boolean>`${on("tenant_id")} = ${tenant}`)
            .where(sql<boolean>`(${sql.join(order.map(({ column }) => on(column)))}) ${beyond} (${after})`)
            .orderBy(sql.join(order.slice(0, -1).map(({ column }) => sql`${on(column)} ${way}`)))
            .limit(params.limit);
          return where === undefined ? start : where(start, params);
        };
        return pageSql(definition, { order, direction, keys }, params).compile(db);
      });
      return { name, order, prepared };
    };

  return {
    definition,
    codec: tableCodec(definition),
    statement,
    change,
    byKey,
    list,
    /** For `select` and `returning`: every column of the aggregate and its children. */
    whole: selection,
    byId: list<object>()("list", { order: [] }),
    get: new Text(getText(definition)),
    count: new Text(countText(definition)),
    create: both((register) => createText(definition, register)),
    replace: both((register) => replaceText(definition, register)),
    remove: both((register) => deleteText(definition, register)),
  };
}
