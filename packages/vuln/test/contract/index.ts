import type { Contract } from "@stellaops/testkit/module";
import type { VulnRepositories } from "@stellaops/vuln";
import { advisoriesContract } from "./advisories.ts";
import { feedSnapshotsContract } from "./feed-snapshots.ts";
import { kevFlagsContract } from "./kev-flags.ts";
import { mergeEventsContract } from "./merge-events.ts";
import { sourceStatesContract } from "./source-states.ts";
import { sourcesContract } from "./sources.ts";
import { unitsContract } from "./units.ts";

/** What every repository of the module does, on both databases alike. */
export const contracts: readonly Contract<VulnRepositories>[] = [
  sourcesContract,
  sourceStatesContract,
  feedSnapshotsContract,
  advisoriesContract,
  kevFlagsContract,
  mergeEventsContract,
  unitsContract,
];
