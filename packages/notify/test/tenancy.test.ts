import { tenancySuite } from "@stellaops/testkit/module";
import { wiring } from "../src/index.ts";
import { calls, fill } from "./calls.ts";

tenancySuite({
  wiring,
  calls,
  fill,
  definers: {
    "notify_app.due_tenants": {
      reason:
        "names tenants with due work to workers that serve all of them, and gives nothing of theirs; see due-work.test.ts",
    },
  },
});
