import { retentionSuite } from "@stellaops/testkit/module";
import { audit, executionLogs } from "../src/aggregates.ts";
import { wiring } from "../src/index.ts";
import { entry, line } from "./samples.ts";

retentionSuite({
  wiring,
  retained: [
    {
      aggregate: executionLogs,
      append: (on, id, loggedAt) => on.executionLogs.append([line({ id, runId: id, loggedAt })]),
      of: (on) => on.executionLogs,
    },
    {
      aggregate: audit,
      append: (on, id, occurredAt) => on.audit.append([entry({ id, occurredAt })]),
      of: (on) => on.audit,
    },
  ],
});
