/** Why this module cannot meet a hazard, or where else it is tested. */
export const elsewhere = {
  "Decimal128 and numeric scale": { reason: "no field of this module is a decimal" },
  "excess numeric scale": { reason: "no field of this module is a decimal" },
  "null order": { reason: "no list of this module is ordered by a nullable field; the definition refuses one" },
  "text search input above 1 MB": { reason: "this module searches no text" },
  "update operator run twice": { reason: "state is replicated, operators are not: tests of the cutover package" },
  "server-made values": { reason: "refused by the lint of migrations (migrations.test.ts) and by definition" },
  "one session, parallel operations": { reason: "held by the lint rule stella/no-parallel-in-transaction" },
  "transaction callback re-run": { reason: "grants and deletions at once, in the contract suite" },
  "unknown result of COMMIT": { reason: "tests of the postgres and mongo packages" },
  "write concern": { reason: "a setting of the connections, tested with them by the vuln module" },
  "unique keys across tenants": { reason: "the put of every repository in the contract suite; catalogue.test.ts" },
  "COPY under RLS": { reason: "this module loads no rows by COPY" },
  "delete racing an upsert": { reason: "tests of the cutover package: the register is upserted with every write" },
  "write that matches nothing under a stale stage": { reason: "tests of the cutover package: the fence" },
} as const;
