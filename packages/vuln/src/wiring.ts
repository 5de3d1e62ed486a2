import type { ModuleWiring } from "@stellaops/cutover/open";
import { vuln } from "./module.ts";
import type { Advisories } from "./repositories/advisories.ts";
import type { FeedSnapshots } from "./repositories/feed-snapshots.ts";
import type { KevFlags } from "./repositories/kev-flags.ts";
import type { MergeEvents } from "./repositories/merge-events.ts";
import type { SourceStates } from "./repositories/source-states.ts";
import type { Sources } from "./repositories/sources.ts";

export interface VulnRepositories {
  readonly sources: Sources;
  readonly sourceStates: SourceStates;
  readonly feedSnapshots: FeedSnapshots;
  readonly advisories: Advisories;
  readonly kevFlags: KevFlags;
  readonly mergeEvents: MergeEvents;
}

const common = { get: "read", list: "read", put: "write", delete: "write" } as const;
const reading = { get: "read", list: "read" } as const;

export const wiring: ModuleWiring<VulnRepositories> = {
  ...vuln,
  verbs: {
    sources: { ...common, findByKey: "read", listEnabled: "read" },
    sourceStates: { ...common, findBySource: "read", advanceCursor: "write", recordFailure: "write" },
    feedSnapshots: { ...reading, open: "write", addAdvisories: "write", seal: "write", diff: "read" },
    advisories: {
      ...common,
      ingestBatch: "write",
      findByKey: "read",
      findByAlias: "read",
      findByPackage: "read",
      search: "read",
      listModifiedSince: "read",
      withdraw: "write",
      count: "read",
    },
    kevFlags: { ...reading, replaceAll: "write", isKnownExploited: "read" },
    mergeEvents: { ...reading, append: "write", listByAdvisory: "read" },
  },
  postgres: () => import("./postgres/index.ts"),
  mongo: () => import("./mongo/index.ts"),
};
