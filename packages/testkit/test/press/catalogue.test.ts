import { catalogueSuite } from "@stellaops/testkit/module";
import { press } from "./wiring.ts";

const partial = "a claim reads what is ready alone: a partial index";
const status = "a document's status is part of the key";

catalogueSuite({
  wiring: press,
  byHand: {
    postgres: { idx_parcels_claim: partial, idx_parcels_lease: partial },
    mongo: { idx_parcels_status_next_attempt_at: status, idx_parcels_status_lease_until: status },
  },
});
