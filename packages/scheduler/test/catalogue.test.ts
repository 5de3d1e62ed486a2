import { catalogueSuite } from "@stellaops/testkit/module";
import { wiring } from "../src/index.ts";

const claims = "a claim reads ready jobs alone: a partial index, so that a job which is taken leaves it";
const leases = "leases that run out, of running jobs alone: a partial index";
const statuses = "a document's status is part of the key: MongoDB's counterpart of a partial index";

catalogueSuite({
  wiring,
  byHand: {
    postgres: {
      idx_policy_jobs_claim: claims,
      idx_policy_jobs_lease: leases,
      idx_graph_jobs_claim: claims,
      idx_graph_jobs_lease: leases,
    },
    mongo: {
      idx_policy_jobs_status_priority_rank_available_at: statuses,
      idx_policy_jobs_status_lease_until: statuses,
      idx_graph_jobs_status_available_at: statuses,
      idx_graph_jobs_status_lease_until: statuses,
    },
  },
});
