import { retentionSuite } from "@stellaops/testkit/module";
import { audit } from "../src/aggregates.ts";
import { wiring } from "../src/index.ts";
import { entry } from "./samples.ts";

retentionSuite({
  wiring,
  retained: [
    {
      aggregate: audit,
      append: (on, id, occurredAt) => on.audit.append([entry({ id, occurredAt })]),
      of: (on) => on.audit,
    },
  ],
});
