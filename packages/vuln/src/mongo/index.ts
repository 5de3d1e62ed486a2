import { MongoAdvisories } from "./advisories.ts";
import { MongoFeedSnapshots } from "./feed-snapshots.ts";
import { MongoKevFlags } from "./kev-flags.ts";
import { MongoMergeEvents } from "./merge-events.ts";
import { MongoSourceStates } from "./source-states.ts";
import { MongoSources } from "./sources.ts";

export const repositories = {
  sources: MongoSources,
  sourceStates: MongoSourceStates,
  feedSnapshots: MongoFeedSnapshots,
  advisories: MongoAdvisories,
  kevFlags: MongoKevFlags,
  mergeEvents: MongoMergeEvents,
};
