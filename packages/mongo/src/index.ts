export { documentCodec, type DocumentCodec, type StoredDocument } from "./codec.ts";
export { openMongo, type Mongo, type MongoOptions } from "./connection.ts";
export { mapError } from "./errors.ts";
export { indexesOf, type IndexDefinition } from "./indexes.ts";
export type { List } from "./pages.ts";
export { enter, enterNew, registerCollection, registerKey, type RegisterEntry } from "./register.ts";
export { MongoRepository, table, type DocumentOf, type MongoTable } from "./repository.ts";
export { singleUnit, transaction, type Unit, type UnitOptions } from "./unit.ts";
export type { Change, Where } from "./where.ts";
