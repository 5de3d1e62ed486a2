/** What a full comparison with no finding does not prove. Part of every receipt. */
export const cannotSee: readonly string[] = [
  "values that were changed in the same way in both databases, save derived fields, orders of sets and register entries",
  "keys that both databases lost together with their register entries, or that neither has a register entry for",
  "a register entry that is missing for a row that is there, save in the database that a complete backfill has written: elsewhere rows may be older than the register",
  "writes that came after the scan had passed their key",
  "two different contents with one SHA-256: equal ranges are told by their digests",
  "a difference of a key whose replication is pending: it is counted as lagging and not judged",
  "the order of keys inside JSON payloads, which jsonb does not keep, and keys that occur twice in one BSON object",
  "whole numbers in JSON payloads that MongoDB stores as Long or Double: they count as equal",
  "zeros at the end of decimals, which mean nothing, and lower bounds of PostgreSQL arrays",
  "rows of child tables without a root, which foreign keys forbid, and values of generated columns, which PostgreSQL computes",
  "the value of _id in MongoDB, and the content of undeclared columns of PostgreSQL, which are reported by name",
  "collections and tables that no aggregate describes; indexes and constraints, which the migrator verifies",
];
