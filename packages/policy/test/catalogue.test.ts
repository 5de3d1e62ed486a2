import { catalogueSuite } from "@stellaops/testkit/module";
import { wiring } from "../src/index.ts";

const net = "the application refuses it on both databases, by its own words; this is the net under it";

catalogueSuite({
  wiring,
  byHand: { checks: { ck_exceptions_justification_length: net, ck_exceptions_window: net } },
});
