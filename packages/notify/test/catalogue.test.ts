import { catalogueSuite } from "@stellaops/testkit/module";
import { wiring } from "../src/index.ts";

const claims = "a claim reads queued deliveries alone: a partial index, so that one that is taken leaves it";
const leases = "leases that run out, of deliveries on their way alone: a partial index";
const statuses = "a document's status is part of the key: MongoDB's counterpart of a partial index";

catalogueSuite({
  wiring,
  byHand: {
    postgres: { idx_deliveries_claim: claims, idx_deliveries_lease: leases },
    mongo: {
      idx_deliveries_status_next_attempt_at: statuses,
      idx_deliveries_status_lease_until: statuses,
    },
  },
});
