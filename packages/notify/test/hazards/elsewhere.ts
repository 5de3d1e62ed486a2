/** Why this module cannot meet a hazard, or where else it is tested. */
export const elsewhere = {
  "Decimal128 and numeric scale": { reason: "this module has no decimals" },
  "excess numeric scale": { reason: "this module has no decimals" },
  "case-insensitive match": { reason: "no field of this module is matched without regard to case" },
  "null in an IN list": { reason: "no verb of this module takes a list of keys" },
  "update operator run twice": { reason: "state is replicated, operators are not: tests of the cutover package" },
  "server-made values": { reason: "refused by the lint of migrations (migrations.test.ts) and by definition" },
  "one session, parallel operations": { reason: "held by the lint rule stella/no-parallel-in-transaction" },
  "transaction callback re-run": { reason: "tests of the cutover package: a unit is run again as a whole" },
  "unknown result of COMMIT": { reason: "tests of the postgres and mongo packages" },
  "unique keys across tenants": { reason: "the contract suite, of every verb that makes one; catalogue.test.ts" },
  "COPY under RLS": { reason: "this module loads no rows by COPY" },
  "text search input above 1 MB": { reason: "this module has no text search" },
  "delete racing an upsert": { reason: "tests of the cutover package: the register is upserted with every write" },
  "write that matches nothing under a stale stage": { reason: "tests of the cutover package: the fence" },
  "second null under a unique key": { reason: "no unique key of this module has a field that may be null" },
} as const;
