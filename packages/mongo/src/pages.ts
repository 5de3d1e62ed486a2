import { byBytes, fieldsOf, GLOBAL, type Aggregate } from "@stellaops/kernel";
import type { Document } from "mongodb";
import type { StoredDocument } from "./codec.ts";

/** A list in one total order: its fields, then id, then tenant. */
export interface List {
  readonly name: string;
  readonly order: readonly Part[];
  readonly direction: Direction;
}
export type Direction = "asc" | "desc";
interface Part {
  readonly field: string;
  read(position: string): unknown;
}

const readers: Readonly<Record<string, (text: string) => unknown>> = {
  instant: (text) => new Date(text),
  count: BigInt,
  int: Number,
};
const same = (text: string): unknown => text;

/** What PostgreSQL can list by, so that a definition works on both. */
const down: ReadonlySet<string> = new Set(["instant", "count", "int", "id"]);
const up: ReadonlySet<string> = new Set([...down, "text", "folded", "choice"]);

/** @throws when a field cannot order a list: nullable, or not of the shape, or of a kind without an order */
export function listOf(
  definition: Aggregate,
  name: string,
  fields: readonly string[],
  direction: Direction = "asc",
): List {
  const known = new Map(fieldsOf(definition.shape).map((f) => [f.name, f.field]));
  const order = fields.map((field): Part => {
    const found = known.get(field);
    const orders = direction === "asc" ? up : down;
    if (found === undefined || found.nullable || !orders.has(found.kind))
      throw new TypeError(`${definition.table} cannot be listed by ${field} ${direction}`);
    return { field, read: readers[found.kind] ?? same };
  });
  return { name, direction, order: [...order, { field: "id", read: same }, { field: "tenantId", read: same }] };
}

export const positionOf = ({ order }: List, document: StoredDocument): readonly string[] =>
  order.map(({ field }) => {
    const value = document[field];
    return value instanceof Date ? value.toISOString() : String(value);
  });

export interface PageQuery {
  readonly list: List;
  readonly filter: Document;
  readonly position: readonly string[] | null;
  readonly limit: number;
}

/** One tenant's documents after a position, in order: a single index range. */
export const ofTenant = ({ list, filter, position, limit }: PageQuery, tenantId: string): Document[] => [
  { $match: { $and: [{ tenantId }, ...(position === null ? [] : after(list, position)), filter] } },
  { $sort: sortOf(list.order.slice(0, -1), list) },
  { $limit: limit },
];

/**
 * Own and shared documents: two ordered, limited scans merged by the server, in one round trip.
 * `tenantId: {$in: […]}` with a sort that ends in the tenant would read and sort every document of both.
 */
export const ofBoth = (query: PageQuery, collection: string, tenant: string): Document[] => [
  ...ofTenant(query, tenant),
  { $unionWith: { coll: collection, pipeline: ofTenant(query, GLOBAL) } },
  { $sort: sortOf(query.list.order, query.list) },
  { $limit: query.limit },
];

/** The same merge here, for transactions: the server refuses $unionWith in them. */
export const merged = (
  { list, limit }: PageQuery,
  own: readonly StoredDocument[],
  shared: readonly StoredDocument[],
): readonly StoredDocument[] => {
  const before = (a: StoredDocument, b: StoredDocument): number => {
    for (const { field } of list.order) {
      const order = byValue(a[field], b[field]);
      if (order !== 0) return list.direction === "asc" ? order : -order;
    }
    return 0;
  };
  return [...own, ...shared].toSorted(before).slice(0, limit);
};

const byValue = (a: unknown, b: unknown): number => {
  if (typeof a === "string" && typeof b === "string") return byBytes(a, b);
  const [x, y] = [a, b] as readonly (Date | number | bigint)[];
  if (x === undefined || y === undefined) return 0;
  return x < y ? -1 : x > y ? 1 : 0;
};

const sortOf = (order: readonly Part[], { direction }: List): Record<string, 1 | -1> =>
  Object.fromEntries(order.map(({ field }) => [field, direction === "asc" ? 1 : -1]));

/** Row comparison spelled out, with a plain bound on the first field that an index range can be made of. */
function after({ order, direction }: List, position: readonly string[]): Document[] {
  const beyond = direction === "asc" ? "$gt" : "$lt";
  const values = order.map(({ read }, i) => read(position[i] ?? ""));
  const [first] = order;
  const bound = first === undefined ? [] : [{ [first.field]: { [`${beyond}e`]: values[0] } }];
  const steps = order.map(({ field }, i) => ({
    ...Object.fromEntries(order.slice(0, i).map((part, j) => [part.field, values[j]])),
    [field]: { [beyond]: values[i] },
  }));
  return [...bound, { $or: steps }];
}
