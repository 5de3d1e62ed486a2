import type { ModuleDefinition } from "@stellaops/kernel";
import type { MongoSchema } from "@stellaops/migrator";
import { indexesOf } from "@stellaops/mongo";

/** The collections and indexes of a module, as the migrator takes them. */
export const collectionsOf = ({ name, aggregates }: ModuleDefinition): MongoSchema => ({
  name,
  collections: Object.fromEntries(aggregates.map((aggregate) => [aggregate.table, { indexes: indexesOf(aggregate) }])),
});
