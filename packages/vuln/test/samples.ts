import { manualClock, seededIds } from "@stellaops/kernel";
import type { Advisory, KevFlag, MergeEvent, Source, SourceState } from "../src/aggregates.ts";

export const noon = new Date("2026-03-01T12:00:00.000Z");
/** So many days after `noon`. */
export const day = (days: number): Date => new Date(noon.getTime() + days * 86_400_000);

const ids = seededIds(manualClock(noon), 42);
export const newId = (): string => ids.next();
let made = 0;
/** A text that no other call gives. */
export const fresh = (word: string): string => `${word}-${(made += 1)}`;

const stamps = { createdAt: noon, updatedAt: noon };

export const source = (over: Partial<Source> = {}): Source => ({
  id: newId(),
  key: fresh("source"),
  name: "A feed",
  kind: "osv",
  url: "https://feeds.example/osv",
  priority: 10,
  enabled: true,
  config: { depth: 1 },
  ...stamps,
  ...over,
});

export const sourceState = (over: Partial<SourceState> = {}): SourceState => ({
  id: newId(),
  sourceId: newId(),
  cursor: null,
  lastSuccessAt: null,
  lastError: null,
  failures: 0n,
  backoffUntil: null,
  ...stamps,
  ...over,
});

/** With children of every kind. */
export const advisory = (over: Partial<Advisory> = {}): Advisory => ({
  id: newId(),
  advisoryKey: fresh("STELLA-2026"),
  primaryId: "CVE-2026-0001",
  sourceId: "01890000-0000-7000-8000-000000000001",
  title: "Out of bounds write",
  summary: "A parser writes past its buffer.",
  details: null,
  severity: "high",
  publishedAt: day(-10),
  modifiedAt: day(-5),
  withdrawnAt: null,
  contentHash: fresh("hash"),
  provenance: { format: "osv" },
  raw: { id: "X", nested: { z: 1, a: [1, 2] } },
  aliases: [
    { scheme: "CVE", value: "CVE-2026-0001" },
    { scheme: "GHSA", value: "GHSA-aaaa" },
  ],
  cvss: [{ version: "3.1", vector: "CVSS:3.1/AV:N", baseScore: "9.8", source: null }],
  affected: [
    {
      ecosystem: "npm",
      package: "left-pad",
      purl: "pkg:npm/left-pad",
      ranges: [{ type: "SEMVER", events: [{ introduced: "0" }] }],
      versions: ["1.0.0", "0.9.0"],
      fixed: ["1.1.0"],
    },
  ],
  references: [{ kind: "ADVISORY", url: "https://advisories.example/1" }],
  credits: [{ name: "the finder", kind: null, contact: ["mail"] }],
  weaknesses: [{ cwe: "CWE-787" }],
  ...stamps,
  ...over,
});

export const kevFlag = (over: Partial<KevFlag> = {}): KevFlag => ({
  id: newId(),
  cve: fresh("CVE-2026"),
  addedAt: noon,
  dueAt: null,
  ransomwareUse: "unknown",
  notes: null,
  source: "a catalogue",
  ...stamps,
  ...over,
});

export const mergeEvent = (over: Partial<MergeEvent> = {}): MergeEvent => ({
  id: newId(),
  advisoryKey: fresh("STELLA-2026"),
  beforeHash: null,
  afterHash: fresh("hash"),
  inputs: [{ source: "a", hash: "1" }],
  mergedAt: noon,
  ...stamps,
  ...over,
});

export const opening = (over: { sourceId?: string; snapshotKey?: string } = {}) => ({
  id: newId(),
  sourceId: newId(),
  snapshotKey: fresh("snapshot"),
  takenAt: noon,
  ...over,
});
