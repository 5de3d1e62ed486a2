import type { Scope } from "@stellaops/cutover/open";
import type { Page, PageRequest } from "@stellaops/kernel";
import type { Mongo } from "@stellaops/mongo";
import { expect } from "vitest";
import { outcomeOf } from "../contract.ts";
import type { Both } from "./hazards.ts";

/** By their bytes, which is the order of every list. */
export const textsInOrder = ["", " ", "Z", "a", "e\u0301", "z", "é", "\uffff", "\u{1f600}"] as const;
export const textsInDisorder = ["\u{1f600}", "\uffff", "é", "z", "a", "Z", "", " ", "e\u0301"] as const;

/** Of code points that take four bytes and do not repeat, so that no compression helps. */
export const longText = (length: number): string =>
  Array.from({ length }, (_, i) => String.fromCodePoint(0x10000 + ((i * 7_919) % 0xfffff)))
    .join("")
    .toWellFormed();

export interface Pages<R> {
  /** How many there are. */
  readonly count: number;
  page(scope: Scope<R>, request: PageRequest): Promise<Page<unknown>>;
}

/** Page by page to the end, each the same on both. */
export async function samePages<R>({ both }: Both<R>, { count, page }: Pages<R>): Promise<void> {
  let [found, after]: [number, string | null] = [0, null];
  do {
    const request: PageRequest = { limit: 2, after };
    const read = await both((scope) => page(scope, request));
    if (!("value" in read)) throw new Error(`a page was refused: ${read.error}`);
    const { items, next } = read.value as Page<unknown>;
    found += items.length;
    after = next;
  } while (after !== null);
  expect(found).toBe(count);
}

export interface Duplicates<R, T> {
  /** Two of them share no unique key. */
  make(over?: Partial<T>): T;
  put(scope: Scope<R>, one: T): Promise<unknown>;
  /** The field that is unique by itself, and the name of that rule. */
  readonly field: keyof T;
  readonly constraint: string;
}

/** A second one under the first one's key, and a second one under its id. */
export async function duplicateKey<R, T extends { readonly id: string }>(
  { both }: Both<R>,
  { make, put, field, constraint }: Duplicates<R, T>,
): Promise<void> {
  const one = make();
  await both((scope) => put(scope, one));
  const [sameKey, sameId] = [
    { ...make(), [field]: one[field] },
    { ...make(), id: one.id },
  ];
  expect(await both((scope) => put(scope, sameKey))).toMatchObject({ error: "UNIQUE_VIOLATION", constraint });
  expect(await both((scope) => put(scope, sameId))).toMatchObject({ error: "REVISION_CONFLICT" });
}

export interface IndexGone {
  readonly table: string;
  /** Its name. */
  readonly index: string;
  open(options: { readonly mongo: Mongo; readonly stage: "mongo" }): Promise<unknown>;
}

/** A module does not open without an index that keeps a key unique, nor with one of other rows; it is back when this ends. */
export async function indexGone<R>({ rigs }: Both<R>, { table, index, open }: IndexGone): Promise<void> {
  const { mongo } = rigs().mongo;
  const collection = mongo.db.collection(table);
  const { v: _, key, ...options } = (await collection.indexes()).find(({ name }) => name === index)!;
  const refuses = async () =>
    expect(await outcomeOf(() => open({ mongo, stage: "mongo" }))).toMatchObject({ error: "MONGO_SCHEMA_DIFFERS" });
  await collection.dropIndex(index);
  await refuses();
  if (options.partialFilterExpression) {
    await collection.createIndex(key, { name: index, unique: true });
    await refuses();
    await collection.dropIndex(index);
  }
  await collection.createIndex(key, options);
}

export interface ForeignDocument<R> {
  readonly table: string;
  readonly document: { readonly id: string };
  get(scope: Scope<R>, id: string): Promise<unknown>;
}

/** A document that another program left in another shape is told, not guessed at. */
export async function foreignDocument<R>({ rigs }: Both<R>, { table, document, get }: ForeignDocument<R>) {
  const { mongo, at } = rigs().mongo;
  await mongo.db.collection(table).insertOne({ ...document, tenantId: "acme", revision: 1n, x: 1 });
  expect(await outcomeOf(() => get(at("acme"), document.id))).toMatchObject({
    error: "DOCUMENT_UNREADABLE",
    path: "x",
  });
}

/** What is acknowledged is in a majority's journal, and is what the next read gives. */
export async function writeConcern<R>({ rigs }: Both<R>): Promise<void> {
  expect(rigs().mongo.mongo.client.options.writeConcern).toMatchObject({ w: "majority", j: true });
  const { rows } = await rigs().postgres.postgres.pool.query(
    "select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit",
  );
  expect(rows).toEqual([{ fsync: "on", commit: "on" }]);
}
