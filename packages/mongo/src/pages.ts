import { fieldsOf, GLOBAL, type Aggregate } from "@stellaops/kernel";
import type { Document } from "mongodb";
import type { StoredDocument } from "./codec.ts";

/** A list in one total order: its fields, then id, then tenant. */
export interface List {
  readonly name: string;
  readonly order: readonly Part[];
  readonly direction: 1 | -1;
}
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

/** @throws when a field cannot order a list: nullable, or not of the shape */
export function listOf(definition: Aggregate, name: string, fields: readonly string[], direction: 1 | -1 = 1): List {
  const known = new Map(fieldsOf(definition.shape).map((f) => [f.name, f.field]));
  const order = fields.map((field): Part => {
    const found = known.get(field);
    if (found === undefined || found.nullable) throw new TypeError(`${definition.table} cannot be listed by ${field}`);
    return { field, read: readers[found.kind] ?? same };
  });
  return { name, direction, order: [...order, { field: "id", read: same }, { field: "tenantId", read: same }] };
}

export const positionOf = ({ order }: List, document: StoredDocument): readonly string[] =>
  order.map(({ field }) => {
    const value = document[field];
    return value instanceof Date ? value.toISOString() : String(value);
  });

/**
 * A page over own and shared documents: two ordered, limited scans merged by the server, one round trip.
 * `tenantId: {$in: […]}` with a sort that ends in the tenant would read and sort every document of both.
 */
export function pagePipeline(
  collection: string,
  list: List,
  filter: Document,
  tenant: string,
  position: readonly string[] | null,
  limit: number,
): Document[] {
  const sort = Object.fromEntries(list.order.map(({ field }) => [field, list.direction]));
  const ordered = Object.fromEntries(list.order.slice(0, -1).map(({ field }) => [field, list.direction]));
  const branch = (tenantId: string): Document[] => [
    { $match: { $and: [{ tenantId }, ...(position === null ? [] : after(list, position)), filter] } },
    { $sort: ordered },
    { $limit: limit },
  ];
  if (tenant === GLOBAL) return branch(tenant);
  return [
    ...branch(tenant),
    { $unionWith: { coll: collection, pipeline: branch(GLOBAL) } },
    { $sort: sort },
    { $limit: limit },
  ];
}

/** Row comparison spelled out, with a plain bound on the first field that an index range can be made of. */
function after({ order, direction }: List, position: readonly string[]): Document[] {
  const beyond = direction === 1 ? "$gt" : "$lt";
  const values = order.map(({ read }, i) => read(position[i] ?? ""));
  const [first] = order;
  const bound = first === undefined ? [] : [{ [first.field]: { [`${beyond}e`]: values[0] } }];
  const steps = order.map(({ field }, i) => ({
    ...Object.fromEntries(order.slice(0, i).map((part, j) => [part.field, values[j]])),
    [field]: { [beyond]: values[i] },
  }));
  return [...bound, { $or: steps }];
}
