import { byBytes } from "@stellaops/kernel";
import { createHash } from "node:crypto";
import { BSON, type Document } from "mongodb";

export interface MongoIndex {
  /** The domain name, `uq_advisories_advisory_key`: errors are mapped by it. */
  readonly name: string;
  /** In order. */
  readonly key: Readonly<Record<string, 1 | -1>>;
  readonly unique?: boolean;
  readonly partialFilterExpression?: Document;
}

export interface MongoCollection {
  /** Besides the one on `_id`, exactly these. */
  readonly indexes: readonly MongoIndex[];
  readonly validator?: Document;
}

/** What a set of collections in one database must look like. */
export interface MongoSchema {
  /** Names the set in the ledger: the module, or a part of it that is applied by itself. */
  readonly name: string;
  readonly collections: Readonly<Record<string, MongoCollection>>;
}

/** One form for one meaning: the order of declarations is none, the order of keys within an index is one. */
export const normalIndex = (index: Document): string =>
  BSON.EJSON.stringify({
    key: Object.entries(index["key"]).map(([field, direction]) => [field, Number(direction) || direction]),
    unique: index["unique"] === true,
    partial: index["partialFilterExpression"] ?? null,
    // Not declarable here; present on the server they make the index another one.
    rest: ["sparse", "expireAfterSeconds", "collation", "hidden", "wildcardProjection"].filter((name) => index[name]),
  });

export const normalValidator = (validator: Document | undefined): string =>
  validator === undefined || Object.keys(validator).length === 0 ? "{}" : BSON.EJSON.stringify(validator);

/** SHA-256, hexadecimal, of the declared set. */
export function checksumOf({ collections }: MongoSchema): string {
  const names = Object.entries(collections).toSorted(([a], [b]) => byBytes(a, b));
  const set = names.map(([name, { indexes, validator }]) => [
    name,
    indexes.map((index) => `${index.name} ${normalIndex({ ...index })}`).toSorted(byBytes),
    normalValidator(validator),
  ]);
  return createHash("sha256").update(JSON.stringify(set)).digest("hex");
}
