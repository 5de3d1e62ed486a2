import { createHash } from "node:crypto";
import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
  type Compilable,
  type CompiledQuery,
  type Expression,
} from "kysely";
import type { Statement } from "./batch.ts";

/** Kysely is the compiler here, never the executor: no pool, no driver, no plugin on the result path. */
export const compiler = <DB>(schema: string): Kysely<DB> =>
  new Kysely<DB>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  }).withSchema(schema);

/** Named parameters: each is an expression of its type, so Kysely checks it wherever a value may stand. `tenant` is always there. */
export type Params<P> = { readonly [K in keyof P]: Expression<P[K]> } & { readonly tenant: Expression<string> };

export class Placeholder {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}
export const placeholders = <P>(): Params<P> =>
  new Proxy({}, { get: (_, name) => sql`${new Placeholder(String(name))}` }) as Params<P>;

/** The name under which a connection keeps a parsed statement: equal text, equal name. */
export const nameOf = (text: string): string => createHash("sha256").update(text).digest("base64url").slice(0, 32);

interface Compiled {
  readonly name: string;
  readonly text: string;
  readonly slots: readonly unknown[];
}

/** Compiled on first use, once per process; afterwards a call costs one array fill. */
export class Prepared<P, Row> {
  /** Type only. */
  declare readonly row: Row;
  readonly #build: () => CompiledQuery<Row>;
  #compiled: Compiled | undefined;

  constructor(build: () => CompiledQuery<Row>) {
    this.#build = build;
  }

  get compiled(): Compiled {
    return (this.#compiled ??= this.#compile());
  }

  bind(tenant: string, params: P): Statement {
    const { name, text, slots } = this.compiled;
    const named: Readonly<Record<string, unknown>> = { ...params, tenant };
    return { name, text, values: slots.map((slot) => (slot instanceof Placeholder ? named[slot.name] : slot)) };
  }

  #compile(): Compiled {
    const query = this.#build();
    return { name: nameOf(query.sql), text: query.sql, slots: query.parameters };
  }
}

/** `const claim = statement<{ limit: number }>()((db, p) => db.updateTable(...))`: the row type is inferred, the parameters are stated. */
export const statements = <DB>(schema: string) => {
  const db = compiler<DB>(schema);
  return <P>() =>
    <Row>(build: (db: Kysely<DB>, params: Params<P>) => Compilable<Row>): Prepared<P, Row> =>
      new Prepared(() => build(db, placeholders<P>()).compile());
};

/** A statement written by hand, for the texts that the definition generates. */
export class Text {
  readonly text: string;
  readonly #name: string;
  constructor(text: string) {
    this.text = text;
    this.#name = nameOf(text);
  }
  bind(values: readonly unknown[]): Statement {
    return { name: this.#name, text: this.text, values };
  }
}
