import type { Db, Document } from "mongodb";
import { normalIndex, normalValidator, type MongoCollection, type MongoIndex, type MongoSchema } from "./schema.ts";

export type MongoDifferenceKind =
  "collection-missing" | "validator-different" | "index-missing" | "index-different" | "index-extra";

export interface MongoDifference {
  readonly kind: MongoDifferenceKind;
  readonly collection: string;
  readonly index?: string;
  readonly declared?: MongoIndex;
}

/** Collections that nobody declared are not looked at; other sets may live in the same database. */
export async function differencesOf(db: Db, schema: MongoSchema): Promise<readonly MongoDifference[]> {
  const there = new Map((await db.listCollections().toArray()).map((one) => [one.name, one]));
  const found: MongoDifference[] = [];
  for (const [collection, declared] of Object.entries(schema.collections)) {
    const one = there.get(collection);
    const indexes = one === undefined ? [] : await db.collection(collection).listIndexes().toArray();
    if (one === undefined) found.push({ kind: "collection-missing", collection });
    else if (
      normalValidator("options" in one ? one.options?.validator : undefined) !== normalValidator(declared.validator)
    )
      found.push({ kind: "validator-different", collection });
    found.push(...indexDifferences(collection, declared, indexes));
  }
  return found;
}

function indexDifferences(
  collection: string,
  declared: MongoCollection,
  indexes: readonly Document[],
): readonly MongoDifference[] {
  const actual = new Map(indexes.map((index) => [String(index["name"]), index]));
  const wrong = declared.indexes.flatMap((index): readonly MongoDifference[] => {
    const one = actual.get(index.name);
    if (one !== undefined && normalIndex(one) === normalIndex({ ...index })) return [];
    return [
      { kind: one === undefined ? "index-missing" : "index-different", collection, index: index.name, declared: index },
    ];
  });
  const names = new Set(["_id_", ...declared.indexes.map(({ name }) => name)]);
  const extra = [...actual.keys()].filter((name) => !names.has(name));
  return [...wrong, ...extra.map((index) => ({ kind: "index-extra" as const, collection, index }))];
}
