/** Why this module cannot meet a hazard, or where else it is tested. */
export const elsewhere = {
  "null order": { reason: "no list of this module is ordered by a nullable field; the definition refuses one" },
  "case-insensitive match": { reason: "no field of this module is matched without regard to case" },
  "update operator run twice": { reason: "state is replicated, operators are not: tests of the cutover package" },
  "server-made values": { reason: "refused by the lint of migrations (migrations.test.ts) and by definition" },
  "one session, parallel operations": { reason: "held by the lint rule stella/no-parallel-in-transaction" },
  "transaction callback re-run": { reason: "transaction.retry in the contract suite" },
  "unknown result of COMMIT": { reason: "tests of the postgres and mongo packages" },
  "unique keys across tenants": { reason: "the put of every repository in the contract suite; catalogue.test.ts" },
  "COPY under RLS": { reason: "this module loads no rows by COPY" },
  "second null under a unique key": { reason: "no unique key of this module has a nullable field" },
  "delete racing an upsert": { reason: "tests of the cutover package: the register is upserted with every write" },
  "write that matches nothing under a stale stage": { reason: "tests of the cutover package: the fence" },
} as const;
