import type pg from "pg";
import { mapError, unanswered } from "./errors.ts";
import { encode, parserOf } from "./wire.ts";

/** One statement: SQL with a stable name, so that PostgreSQL parses it once per connection, and its values as text. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
  /** Rows are not wanted: no Describe is sent. */
  readonly silent?: true;
}
export type Row = Record<string, unknown>;
export interface Result {
  readonly rows: readonly Row[];
  /** Rows read or changed, as the command tag says. */
  readonly count: number;
  readonly tag: string;
}

/** The part of pg.Connection that a Submittable is given; pg-cursor and pg-copy-streams rest on the same methods. */
interface Wire {
  readonly stream: { cork(): void; uncork(): void };
  parse(message: { name: string; text: string }): void;
  bind(message: {
    portal: string;
    statement: string;
    values: readonly unknown[];
    binary: boolean;
    valueMapper(value: unknown): unknown;
  }): void;
  describe(message: { type: "P"; name: string }): void;
  execute(message: { portal: string; rows: number }): void;
  close(message: { type: "S"; name: string }): void;
  sync(): void;
}
interface Column {
  readonly name: string;
  readonly dataTypeID: number;
}
interface Reader {
  readonly name: string;
  readonly parse: ((text: string) => unknown) | undefined;
}

const asItIs = (value: unknown): unknown => value;

/**
 * What a connection knows of a statement. `sent`: an earlier batch failed, so the server may or may not have parsed it. Null: its columns were
 * not asked for. Columns are asked for once: the server refuses to run a parsed statement whose result has changed since (0A000).
 */
type Known = Map<string, "sent" | readonly Reader[] | null>;
const known = new WeakMap<object, Known>();

/**
 * Statements in ONE extended-protocol batch with ONE Sync. PostgreSQL runs all up to Sync as one implicit transaction: it commits
 * at Sync, and any error skips the rest and rolls all back. So a transaction-local `set_config` in front scopes exactly this batch,
 * without BEGIN and COMMIT: one flush, one ReadyForQuery.
 *
 * Holds for pg 8.23, whose Client hands these messages to the active query (the contract pg-cursor uses); another version must pass the batch tests.
 */
export class Batch implements pg.Submittable {
  readonly done: Promise<readonly Result[]>;
  /** pg reads it: milliseconds after which it gives up. 0: the pool's own, if it has one. */
  readonly query_timeout: number;
  /** pg puts it here, and stops its clock by it. */
  callback: (() => void) | undefined;
  readonly #statements: readonly Statement[];
  readonly #values: readonly (readonly unknown[])[];
  readonly #settle = Promise.withResolvers<readonly Result[]>();
  readonly #results: Result[] = [];
  readonly #readers: (readonly Reader[] | null)[] = [];
  #known: Known | undefined;
  #rows: Row[] = [];

  constructor(statements: readonly Statement[], answerMs = 0) {
    this.query_timeout = answerMs;
    this.#statements = statements;
    // Before anything is on the wire: a value that cannot be encoded must not leave a batch half sent.
    this.#values = statements.map(({ values }) => values.map(encode));
    this.done = this.#settle.promise;
  }

  submit(connection: pg.Connection): void {
    const wire = connection as unknown as Wire;
    let names = known.get(connection);
    if (names === undefined) known.set(connection, (names = new Map()));
    this.#known = names;
    wire.stream.cork();
    for (const [i, { name, text, silent }] of this.#statements.entries()) {
      const values = this.#values[i] ?? [];
      const state = names.get(name);
      if (state === "sent") wire.close({ type: "S", name });
      const readers = state === "sent" || state === undefined ? null : state;
      this.#readers.push(readers);
      if (state === "sent" || state === undefined) {
        wire.parse({ name, text });
        names.set(name, "sent");
      }
      wire.bind({ portal: "", statement: name, values, binary: false, valueMapper: asItIs });
      if (silent === undefined && readers === null) wire.describe({ type: "P", name: "" });
      wire.execute({ portal: "", rows: 0 });
    }
    wire.sync();
    wire.stream.uncork();
  }

  handleRowDescription({ fields }: { readonly fields: readonly Column[] }): void {
    this.#readers[this.#results.length] = fields.map(({ name, dataTypeID }) => ({ name, parse: parserOf(dataTypeID) }));
  }

  handleDataRow({ fields: cells }: { readonly fields: readonly (string | null)[] }): void {
    const row: Row = {};
    const readers = this.#readers[this.#results.length] ?? [];
    for (let i = 0; i < readers.length; i += 1) {
      const { name, parse } = readers[i]!;
      const cell = cells[i]!;
      row[name] = cell === null || parse === undefined ? cell : parse(cell);
    }
    this.#rows.push(row);
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    const rows = this.#rows;
    this.#results.push({ rows, tag: text, count: Number(text.slice(text.lastIndexOf(" ") + 1)) || rows.length });
    this.#rows = [];
  }

  handleEmptyQuery(): void {
    this.#results.push({ rows: [], tag: "", count: 0 });
  }

  handleError(error: Error & { readonly code?: string }, connection?: pg.Connection): void {
    this.callback?.();
    // The answer may still come, and would be taken for the next one's: nothing more is asked on this connection.
    if (unanswered(error)) connection?.stream.destroy();
    // "cached plan must not change result type": the table has changed since; the next batch parses anew.
    if (error.code === "0A000") for (const { name } of this.#statements) this.#known?.set(name, "sent");
    this.#settle.reject(mapError(error));
  }

  handleReadyForQuery(): void {
    this.callback?.();
    for (const [i, { name }] of this.#statements.entries()) this.#known?.set(name, this.#readers[i] ?? null);
    this.#settle.resolve(this.#results);
  }
}
