import { codeOf, isDataLayerError } from "@stellaops/kernel";
import { verifyMongo, type MongoDifference, type MongoSchema } from "@stellaops/migrator";
import type { Mongo } from "@stellaops/mongo";

/** What a database lacks of a set, as data instead of as a refusal. */
export async function differencesIn(db: Mongo["db"], set: MongoSchema): Promise<readonly MongoDifference[]> {
  try {
    await verifyMongo(db, set);
    return [];
  } catch (error) {
    if (!isDataLayerError(error) || codeOf(error) !== "MONGO_SCHEMA_DIFFERS") throw error;
    return error.details["differences"] as readonly MongoDifference[];
  }
}

export const sentenceOf = ({ kind, collection, index }: MongoDifference): string =>
  `${collection}${index === undefined ? "" : `.${index}`}: ${kind}`;
