import { byBytes } from "@stellaops/kernel";
import type { KeyRange } from "../range.ts";
import type { Entry } from "../record.ts";
import { bson, endOf, Names } from "./elements.ts";
import { textAt } from "./raw.ts";

/** An entry's key is `aggregate/tenant/id`, and "0" is the character after "/". */
export interface Bounds {
  readonly $gt?: string;
  readonly $gte?: string;
  readonly $lt?: string;
  readonly $lte?: string;
}

const allOf = (table: string): Bounds => ({ $gte: `${table}/`, $lt: `${table}0` });
export const allOfTenant = (table: string, tenant: string): Bounds => ({
  $gte: `${table}/${tenant}/`,
  $lt: `${table}/${tenant}0`,
});

/** The entries of some tenants in a range: within a tenant they are in the order of the keys, between tenants they need not be. */
export const inRange = (table: string, { after, upTo }: KeyRange, tenants: ReadonlySet<string>): readonly Bounds[] =>
  [...tenants].map((tenant) => {
    const { $gte, $lt } = allOfTenant(table, tenant);
    const low = tenant === after?.tenant ? { $gt: `${$gte}${after.id}` } : { $gte: `${$gte}` };
    return { ...low, ...(tenant === upTo?.tenant ? { $lte: `${$gte}${upTo.id}` } : { $lt: `${$lt}` }) };
  });

/** What lies between the tenants: entries whose tenant is none of them. */
export function between(table: string, tenants: ReadonlySet<string>): readonly Bounds[] {
  const known = [...tenants]
    .map((tenant) => allOfTenant(table, tenant))
    .toSorted((a, b) => byBytes(a.$gte ?? "", b.$gte ?? ""));
  const all = allOf(table);
  return [...known, { $gte: all.$lt }].map(({ $gte }, i) => ({
    $gte: known[i - 1]?.$lt ?? all.$gte ?? "",
    $lt: $gte ?? "",
  }));
}

const names = new Names(["tenantId", "id", "revision", "deleted"]);

export function entryOf(bytes: Buffer): Entry {
  let [tenant, id] = ["", ""];
  let revision: bigint | null = null;
  let deleted = false;
  const end = bytes.length - 1;
  for (let at = 4, position = 0; at < end; position += 1) {
    const type = bytes[at] ?? 0;
    const index = names.find(bytes, at + 1, position);
    at = names.end;
    if (index === 0 && type === bson.string) tenant = textAt(bytes, at);
    else if (index === 1 && type === bson.string) id = textAt(bytes, at);
    else if (index === 2) revision = type === bson.long ? bytes.readBigInt64LE(at) : null;
    else if (index === 3) deleted = bytes[at] === 1;
    at = endOf(bytes, type, at);
  }
  return { key: { tenant, id }, revision, deleted };
}
