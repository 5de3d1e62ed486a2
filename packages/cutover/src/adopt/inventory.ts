import { byBytes, isChild, type Aggregate, type Json } from "@stellaops/kernel";
import { BSON } from "mongodb";
import { layoutOf } from "../compare/layout.ts";
import { typeOf, membersOf, type Document } from "../compare/mongo/bson.ts";
import { shownText } from "../compare/paths.ts";

/** What documents hold at one path. */
export interface PathShape {
  /** With `[]` for the elements of an array: `aliases[].scheme`. */
  readonly path: string;
  /** False for what the aggregate does not have. */
  readonly declared: boolean;
  /** Values met, and how many places there were for one. */
  readonly present: number;
  readonly of: number;
  /** By BSON type, in the order of their names. */
  readonly types: readonly TypeShape[];
}

export interface TypeShape {
  readonly type: string;
  readonly count: number;
  /** Of numbers, dates and texts in declared fields of the root that are no secret and no payload; shown as comparisons show them. */
  readonly least?: Json;
  readonly most?: Json;
}

export interface CollectionShape {
  readonly collection: string;
  readonly documents: number;
  readonly paths: readonly PathShape[];
  /** Paths that were met beyond the limit and are not told. */
  readonly morePaths: number;
}

interface Seen {
  count: number;
  least: unknown;
  most: unknown;
}

const pathLimit = 2_000;

/** Takes documents one by one and keeps counts, not documents. */
export class Inventory {
  readonly #aggregate: Aggregate;
  readonly #layout: ReturnType<typeof layoutOf>;
  readonly #paths = new Map<string, { present: number; readonly types: Map<string, Seen> }>();
  readonly #places = new Map<string, number>();
  readonly #more = new Set<string>();

  constructor(aggregate: Aggregate) {
    this.#aggregate = aggregate;
    this.#layout = layoutOf(aggregate);
  }

  add(document: Document): void {
    this.#members("", document);
  }

  shape(): CollectionShape {
    const paths = [...this.#paths].map(([path, { present, types }]): PathShape => ({
      path,
      declared: this.#declared(path),
      present,
      of: this.#places.get(parentOf(path)) ?? 0,
      types: [...types]
        .map(([type, seen]) => ({ type, count: seen.count, ...this.#range(path, seen) }))
        .toSorted((a, b) => byBytes(a.type, b.type)),
    }));
    return {
      collection: this.#aggregate.table,
      documents: this.#places.get("") ?? 0,
      paths: paths.toSorted((a, b) => byBytes(a.path, b.path)),
      morePaths: this.#more.size,
    };
  }

  #members(path: string, document: Document): void {
    this.#places.set(path, (this.#places.get(path) ?? 0) + 1);
    for (const name of Object.keys(document)) this.#value(path === "" ? name : `${path}.${name}`, document[name]);
  }

  #value(path: string, value: unknown): void {
    let at = this.#paths.get(path);
    if (at === undefined && this.#paths.size >= pathLimit) {
      if (this.#more.size < pathLimit) this.#more.add(path);
      return;
    }
    if (at === undefined) this.#paths.set(path, (at = { present: 0, types: new Map() }));
    at.present += 1;
    const type = typeOf(value);
    const seen = at.types.get(type) ?? { count: 0, least: undefined, most: undefined };
    at.types.set(type, seen);
    seen.count += 1;
    const comparable = comparableOf(value);
    if (comparable !== undefined) widen(seen, comparable);
    if (this.#opaque(path)) return;
    const members = membersOf(value);
    if (members !== null) this.#members(path, members);
    if (Array.isArray(value)) {
      this.#places.set(`${path}[]`, (this.#places.get(`${path}[]`) ?? 0) + value.length);
      for (const item of value) this.#element(`${path}[]`, item);
    }
  }

  #element(path: string, item: unknown): void {
    const members = membersOf(item);
    this.#value(path, members === null ? item : {});
    if (members !== null) for (const name of Object.keys(members)) this.#value(`${path}.${name}`, members[name]);
  }

  /** A payload is not looked into. */
  #opaque(path: string): boolean {
    const member = Object.hasOwn(this.#aggregate.shape, path) ? this.#aggregate.shape[path as "id"] : undefined;
    return member !== undefined && !isChild(member) && member.kind === "json";
  }

  #declared(path: string): boolean {
    const [root = "", inner] = path.split(/\[\]\.|\[\]|\./);
    if (root === "_id") return true;
    const place = this.#layout.places[this.#layout.at.get(root) ?? -1];
    if (place === undefined) return false;
    return (
      inner === undefined || inner === "" || !("fields" in place) || place.fields.some(({ name }) => name === inner)
    );
  }

  #range(path: string, { least, most }: Seen): Pick<TypeShape, "least" | "most"> {
    if (least === undefined || !this.#layout.at.has(path)) return {};
    const shown = (value: unknown): Json => shownText(this.#layout, path, JSON.stringify(value));
    return { least: shown(textOf(least)), most: shown(textOf(most)) };
  }
}

const parentOf = (path: string): string => {
  const dot = path.lastIndexOf(".");
  const array = path.endsWith("[]");
  return array ? path : dot === -1 ? "" : path.slice(0, dot);
};

function comparableOf(value: unknown): unknown {
  if (typeof value === "string") return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value;
  if (value instanceof BSON.Int32 || value instanceof BSON.Double) return value.value;
  return typeOf(value) === "Long" ? (value as BSON.Long).toBigInt() : undefined;
}

function widen(seen: Seen, value: unknown): void {
  if (seen.least === undefined || (value as number) < (seen.least as number)) seen.least = value;
  if (seen.most === undefined || (value as number) > (seen.most as number)) seen.most = value;
}

const textOf = (value: unknown): Json =>
  value instanceof Date ? value.toISOString() : typeof value === "bigint" ? String(value) : (value as Json);
