import { openModule, type OpenModule, type OpenOptions } from "@stellaops/cutover/open";
import { wiring, type VulnRepositories } from "./wiring.ts";

export type Vuln = OpenModule<VulnRepositories>;

/**
 * Opens the vuln module on the database that its stage says.
 *
 * ```ts
 * const vuln = await openVuln({ postgres: openPostgres({ url }), stage: "postgres" });
 * const page = await vuln.tenant("acme").advisories.findByAlias("CVE", "CVE-2024-3094");
 * ```
 */
export const openVuln = (options: OpenOptions): Promise<Vuln> => openModule(wiring, options);

export {
  severities,
  type Advisory,
  type FeedSnapshot,
  type KevFlag,
  type MergeEvent,
  type Severity,
  type Source,
  type SourceState,
} from "./aggregates.ts";
export { generateOsv } from "./domain/generate.ts";
export { mapOsv, type AdvisoryDraft } from "./domain/osv.ts";
export { importOsv } from "./feeds/import-osv.ts";
export { vuln } from "./module.ts";
export type { Advisories, PackageRef } from "./repositories/advisories.ts";
export type { FeedSnapshots, Opening, SnapshotChange, SnapshotEntry } from "./repositories/feed-snapshots.ts";
export type { KevFlags } from "./repositories/kev-flags.ts";
export type { MergeEvents } from "./repositories/merge-events.ts";
export type { Advance, Failure, SourceStates } from "./repositories/source-states.ts";
export type { Sources } from "./repositories/sources.ts";
export { wiring, type VulnRepositories } from "./wiring.ts";
