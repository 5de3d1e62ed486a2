import { subjectOn, type Both, type SubjectOn } from "@stellaops/testkit/module";
import type { VulnRepositories } from "@stellaops/vuln";
import type { Advisory } from "../../src/aggregates.ts";
import { advisory } from "../samples.ts";

/** Values are tried in advisories. */
export type On = SubjectOn<VulnRepositories, Advisory>;

export const advisoriesOn = (on: Both<VulnRepositories>): On =>
  subjectOn(on, { make: advisory, of: ({ advisories }) => advisories, payload: "raw" });
