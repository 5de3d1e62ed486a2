import { retentionSuite } from "@stellaops/testkit/module";
import { audit, explanations } from "../src/aggregates.ts";
import { wiring } from "../src/index.ts";
import { entry, explanation } from "./samples.ts";

retentionSuite({
  wiring,
  retained: [
    {
      aggregate: explanations,
      append: (on, id, createdAt) => on.explanations.appendBatch([explanation({ id, createdAt })]),
      of: (on) => on.explanations,
    },
    {
      aggregate: audit,
      append: (on, id, occurredAt) => on.audit.append([entry({ id, occurredAt })]),
      of: (on) => on.audit,
    },
  ],
});
