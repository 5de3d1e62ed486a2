import { migrationsSuite } from "@stellaops/testkit/module";
import { wiring } from "../src/index.ts";

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
