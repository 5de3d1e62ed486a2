import { byBytes } from "@stellaops/kernel";
import type { Database } from "../stages.ts";
import type { FindingClass } from "./comparison.ts";
import { lineOf, type Layout } from "./layout.ts";

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

export type Contradiction = "register.deleted" | "register.revision";

/** Where a register entry and its row do not belong together. No entry contradicts nothing: it comes with the first write or the backfill. */
export function contradiction({ record, register }: KeyState): Contradiction | null {
  if (register === null) return null;
  if (register.deleted !== (record === null)) return "register.deleted";
  const revision = record?.revision ?? null;
  return revision !== null && revision !== register.revision ? "register.revision" : null;
}

/** A document whose key is of no use: it cannot be matched with a row. */
export interface Unkeyed {
  readonly name: string;
  readonly tenant: string | null;
  readonly record: RawRecord;
}

export interface RowPage {
  readonly rows: readonly KeyState[];
  readonly unkeyed: readonly Unkeyed[];
}

export interface ScanOptions {
  readonly pageSize: number;
  /** Only this tenant's. */
  readonly tenant: string | null;
}

/** One aggregate in one database, read raw. PostgreSQL and MongoDB each have one. */
export interface RawSide {
  readonly database: Database;
  /** All rows in the order of their keys' bytes. */
  pages(options: ScanOptions): AsyncIterable<RowPage>;
  /** The keys as they are at one moment, register and row together. */
  read(keys: readonly Key[]): Promise<readonly KeyState[]>;
  /** Keys that the register has as live and that have no row. */
  orphans(options: ScanOptions): AsyncIterable<readonly Key[]>;
}
