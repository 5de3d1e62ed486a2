import { PostgresAdvisories } from "./advisories.ts";
import { PostgresFeedSnapshots } from "./feed-snapshots.ts";
import { PostgresKevFlags } from "./kev-flags.ts";
import { PostgresMergeEvents } from "./merge-events.ts";
import { PostgresSourceStates } from "./source-states.ts";
import { PostgresSources } from "./sources.ts";

export const repositories = {
  sources: PostgresSources,
  sourceStates: PostgresSourceStates,
  feedSnapshots: PostgresFeedSnapshots,
  advisories: PostgresAdvisories,
  kevFlags: PostgresKevFlags,
  mergeEvents: PostgresMergeEvents,
};
