import { wiring } from "@stellaops/authority";
import { migrationsSuite } from "@stellaops/testkit/module";

migrationsSuite(wiring, {
  lint: [
    {
      file: "001_tables.sql",
      rule: "opaque",
      severity: "warning",
      reason: "the loop that protects every table: tenancy.test.ts looks at what it did",
    },
  ],
});
