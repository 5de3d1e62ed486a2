import { catalogueSuite } from "@stellaops/testkit/module";
import { wiring } from "@stellaops/vuln";

catalogueSuite({
  wiring,
  byHand: {
    postgres: { idx_advisories_search: "the GIN index of the search" },
    mongo: { idx_advisories_search_words: "the search there: over the same words as the GIN index" },
  },
});
