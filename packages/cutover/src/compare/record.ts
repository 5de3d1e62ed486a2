import { byBytes } from "@stellaops/kernel";
import type { Database } from "../stages.ts";
import type { FindingClass } from "./comparison.ts";
import { lineOf, type Layout } from "./layout.ts";
import type { Digesting } from "./mongo/documents.ts";
import type { PostgresDigest } from "./postgres/digest.ts";
import type { KeyRange, Tables } from "./range.ts";

export interface Key {
  readonly tenant: string;
  readonly id: string;
}

export const compareKeys = (a: Key, b: Key): number => byBytes(a.tenant, b.tenant) || byBytes(a.id, b.id);
export const keyText = ({ tenant, id }: Key): string => `${tenant}/${id}`;

/** What is wrong with a stored value seen by itself. */
export interface Issue {
  readonly path: string;
  readonly class: Extract<FindingClass, "unreadable" | "undeclared" | "differing">;
}
/** Takes an issue while a stored value is brought to its canonical form. */
export type Note = (path: string, kind: Issue["class"]) => void;

/** One row or document in canonical form, whatever is stored; what is not as its kind demands is in there too, and noted. */
export interface RawRecord {
  /** Canonical JSON of each member, in the order of the layout. */
  readonly texts: readonly string[];
  /** Canonical JSON of fields that the definition does not know, by name. */
  readonly undeclared: ReadonlyMap<string, string>;
  readonly issues: readonly Issue[];
  /** Null where what is stored is none. */
  readonly revision: string | null;
  /** The whole as canonical JSON. */
  readonly line: string;
}

const none: ReadonlyMap<string, string> = new Map();

export const recordOf = (
  layout: Layout,
  texts: readonly string[],
  issues: readonly Issue[],
  undeclared = none,
): RawRecord => ({
  texts,
  undeclared,
  issues,
  revision: /^"(\d+)"$/.exec(texts[layout.at.get("revision") ?? -1] ?? "")?.[1] ?? null,
  line: lineOf(layout, texts),
});

export interface RegisterState {
  readonly generation: string;
  readonly revision: string;
  readonly deleted: boolean;
  readonly pending: boolean;
  readonly refusal: string | null;
}

/** A key as one database has it at one moment. */
export interface KeyState {
  readonly key: Key;
  readonly record: RawRecord | null;
  readonly register: RegisterState | null;
}

export type Contradiction = "register" | "register.deleted" | "register.revision";

/**
 * Where a register entry and its row do not belong together. A row without an entry contradicts nothing unless entries are `required`: it
 * comes with the first write or the backfill.
 */
export function contradiction({ record, register }: KeyState, required: boolean): Contradiction | null {
  if (register === null) return required && record !== null ? "register" : null;
  if (register.deleted !== (record === null)) return "register.deleted";
  const revision = record?.revision ?? null;
  return revision !== null && revision !== register.revision ? "register.revision" : null;
}

/** One aggregate in one database, read raw. */
export interface RawSide {
  readonly database: Database;
  /** The keys as they are at one moment, register and row together. */
  read(keys: readonly Key[]): Promise<readonly KeyState[]>;
}

/** A key to be looked at, and about how much there is to read of it. */
export interface Suspect {
  readonly key: Key;
  readonly bytes: number;
}

/** A row of PostgreSQL that has not left it. */
export interface RowDigest extends Suspect {
  /** Of its tables, as `digestOf` makes it. */
  readonly digest: string;
  /** Its register entry says that it is deleted, or has another revision. */
  readonly contradicts: boolean;
  readonly unregistered: boolean;
}

/** A register entry, as far as it tells of its row. */
export interface Entry {
  readonly key: Key;
  readonly revision: bigint | null;
  readonly deleted: boolean;
}

/** MongoDB's side: documents come here once, in the order of their keys. */
export interface MongoRows extends RawSide {
  documents(range: KeyRange): AsyncIterable<readonly Buffer[]>;
  /** Begins a digest of documents: what PostgreSQL must come to for its rows. */
  digesting(): Digesting;
  record(bytes: Buffer): { readonly name: string; readonly tenant: string | null; readonly record: RawRecord };
  /** Entries of the given tenants' keys in a range. */
  entries(range: KeyRange, tenants: ReadonlySet<string>): AsyncIterable<readonly Entry[]>;
  /** Keys of live entries whose tenant is none of these. */
  elsewhere(tenants: ReadonlySet<string>, only: string | null): AsyncIterable<readonly Key[]>;
  /** Keys that cut the collection into about as many equal parts. */
  cuts(parts: number): Promise<readonly Key[]>;
}

/** PostgreSQL's side: rows stay there unless they are asked for. */
export interface PostgresRows extends RawSide {
  /** `expected`: what the documents of the range came to; null: all rows of the range are hashed, however many there are. */
  digest(range: KeyRange, expected: Tables | null): Promise<PostgresDigest>;
  /** All rows of a range, by their digests. */
  rows(range: KeyRange): AsyncIterable<readonly RowDigest[]>;
  /** Keys of a range that the register has as live and that have no row. */
  orphans(range: KeyRange): AsyncIterable<readonly Suspect[]>;
}

export interface CompareSides {
  readonly mongo: MongoRows;
  readonly postgres: PostgresRows;
}
