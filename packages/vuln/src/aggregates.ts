import {
  choice,
  count,
  definitions,
  flag,
  id,
  instant,
  int,
  json,
  list,
  listOf,
  numeric,
  set,
  setOf,
  text,
  type AggregateOf,
} from "@stellaops/kernel";
import { searchWords } from "./domain/search-words.ts";
import type { DB } from "./postgres/generated/database.ts";

const { aggregate } = definitions<DB>("vuln");

/** A feed that advisories come from. */
export const sources = aggregate(
  "sources",
  "source",
  {
    key: text(200),
    name: text(400),
    kind: text(100),
    url: text(2_000).orNull,
    /** Lower comes first. */
    priority: int(),
    enabled: flag(),
    config: json(),
  },
  { unique: [["key"]], indexes: [["priority", "key"]] },
);
export interface Source extends AggregateOf<typeof sources> {}

/** How far a source has been read. */
export const sourceStates = aggregate(
  "source_states",
  "source_state",
  {
    sourceId: id(),
    cursor: json().orNull,
    lastSuccessAt: instant().orNull,
    lastError: text(10_000).orNull,
    /** Failures since the last success. */
    failures: count(),
    backoffUntil: instant().orNull,
  },
  { unique: [["sourceId"]] },
);
export interface SourceState extends AggregateOf<typeof sourceStates> {}

/** What a feed held at one moment: the hash of each advisory. */
export const feedSnapshots = aggregate(
  "feed_snapshots",
  "feed_snapshot",
  {
    sourceId: id(),
    snapshotKey: text(200),
    takenAt: instant(),
    /** Immutable from then on. */
    sealedAt: instant().orNull,
    advisoryCount: count(),
    /** SHA-256 over the sorted entries, set when sealed. */
    checksum: text(64).orNull,
    advisories: setOf("advisory_snapshots", ["advisoryKey"], { advisoryKey: text(200), contentHash: text(64) }),
  },
  { unique: [["sourceId", "snapshotKey"]] },
);
export interface FeedSnapshot extends AggregateOf<typeof feedSnapshots> {}

export const severities = ["unknown", "none", "low", "medium", "high", "critical"] as const;
export type Severity = (typeof severities)[number];

export const advisories = aggregate(
  "advisories",
  "advisory",
  {
    advisoryKey: text(200),
    primaryId: text(200),
    sourceId: id(),
    title: text(10_000),
    summary: text(100_000).orNull,
    details: text().orNull,
    severity: choice(...severities),
    publishedAt: instant().orNull,
    modifiedAt: instant(),
    withdrawnAt: instant().orNull,
    /** SHA-256 of what the feed said, in canonical form; equal hashes mean nothing to write. */
    contentHash: text(64),
    provenance: json(),
    /** The upstream document; its canonical form comes back byte for byte. */
    raw: json(),
    aliases: setOf("advisory_aliases", ["scheme", "value"], { scheme: text(40), value: text(200) }),
    cvss: listOf("advisory_cvss", {
      version: text(20),
      vector: text(400),
      baseScore: numeric(1).orNull,
      source: text(400).orNull,
    }),
    affected: listOf("advisory_affected", {
      ecosystem: text(100),
      package: text(400),
      purl: text(500).orNull,
      ranges: json(),
      versions: list(400),
      fixed: list(400),
    }),
    references: listOf("advisory_references", { kind: text(40), url: text(10_000) }),
    credits: listOf("advisory_credits", { name: text(1_000), kind: text(40).orNull, contact: list(1_000) }),
    weaknesses: setOf("advisory_weaknesses", ["cwe"], { cwe: text(40) }),
  },
  {
    unique: [["advisoryKey"]],
    indexes: [
      ["modifiedAt"],
      ["searchWords"],
      ["aliases.scheme", "aliases.value"],
      ["affected.ecosystem", "affected.package"],
      ["affected.purl"],
    ],
    derived: {
      searchWords: {
        field: set(64),
        from: ({ advisoryKey, title, summary, details, aliases }) =>
          searchWords(advisoryKey, title, summary, details, ...aliases.map(({ value }) => value)),
      },
    },
  },
);
export interface Advisory extends AggregateOf<typeof advisories> {}

/** A vulnerability known to be exploited. */
export const kevFlags = aggregate(
  "kev_flags",
  "kev_flag",
  {
    cve: text(40),
    addedAt: instant(),
    dueAt: instant().orNull,
    ransomwareUse: choice("known", "unknown"),
    notes: text(10_000).orNull,
    source: text(200),
  },
  { unique: [["cve"]] },
);
export interface KevFlag extends AggregateOf<typeof kevFlags> {}

/** What became of an advisory when several inputs were merged. */
export const mergeEvents = aggregate(
  "merge_events",
  "merge_event",
  {
    advisoryKey: text(200),
    beforeHash: text(64).orNull,
    afterHash: text(64),
    inputs: json(),
    mergedAt: instant(),
  },
  { indexes: [["advisoryKey", "mergedAt"]], appendOnly: true },
);
export interface MergeEvent extends AggregateOf<typeof mergeEvents> {}
