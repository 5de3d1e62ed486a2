import { retentionSuite } from "@stellaops/testkit/module";
import { loginAttempts } from "../src/aggregates.ts";
import { wiring } from "../src/index.ts";
import { loginAttempt } from "./samples.ts";

retentionSuite({
  wiring,
  retained: [
    {
      aggregate: loginAttempts,
      append: (on, id, occurredAt) => on.loginAttempts.append([loginAttempt({ id, occurredAt })]),
      of: (on) => on.loginAttempts,
    },
  ],
});
