import {
  auditFields,
  auditRules,
  choice,
  count,
  definitions,
  flag,
  id,
  instant,
  int,
  json,
  set,
  setOf,
  text,
  type AggregateOf,
} from "@stellaops/kernel";
import { determinismHash, packHash, profileHash } from "./domain/hashes.ts";
import { exceptionStatuses } from "./domain/exception-states.ts";
import { refuseBadTerms } from "./domain/exception-terms.ts";
import type { DB } from "./postgres/generated/database.ts";

const { aggregate } = definitions<DB>("policy");

/** A named set of rules; what they say stands in its versions. */
export const packs = aggregate(
  "packs",
  "pack",
  {
    name: text(200),
    displayName: text(200),
    description: text(4_000).orNull,
    /** Of its published versions the one in use; null: none. Set by `activate` alone. */
    activeVersion: text(100).orNull,
    isBuiltin: flag(),
  },
  { unique: [["name"]] },
);
export interface Pack extends AggregateOf<typeof packs> {}

export const severities = ["critical", "high", "medium", "low", "info"] as const;

/** What a pack says, from draft to published; a published one never changes again. */
export const packVersions = aggregate(
  "pack_versions",
  "pack_version",
  {
    packId: id(),
    version: text(100),
    status: choice("draft", "published", "retired"),
    source: text(),
    compiled: json(),
    publishedAt: instant().orNull,
    publishedBy: text(200).orNull,
    rules: setOf("rules", ["ruleKey"], {
      ruleKey: text(200),
      /** In which order they are tried. */
      ordinal: int(),
      severity: choice(...severities),
      body: json(),
    }),
  },
  {
    unique: [["packId", "version"]],
    indexes: [["packId", "createdAt"], ["contentHash"]],
    derived: { contentHash: { field: text(64), from: packHash } },
    frozen: { status: "published" },
  },
);
export interface PackVersion extends AggregateOf<typeof packVersions> {}

/** How findings are weighed; one version of a profile is in force. */
export const riskProfiles = aggregate(
  "risk_profiles",
  "risk_profile",
  {
    profileId: text(200),
    version: text(100),
    /** The profile that this one refines. */
    parentId: text(200).orNull,
    isActive: flag(),
    weights: json(),
    overrides: json(),
  },
  {
    unique: [["profileId", "version"], { fields: ["profileId"], where: { isActive: [true] } }],
    indexes: [["profileId", "createdAt"]],
    derived: { contentHash: { field: text(64), from: profileHash } },
  },
);
export interface RiskProfile extends AggregateOf<typeof riskProfiles> {}

export const runStates = ["running", "completed", "failed", "canceled"] as const;

/** One evaluation of a pack version over an SBOM, as advisories and VEX stood. */
export const evaluationRuns = aggregate(
  "evaluation_runs",
  "evaluation_run",
  {
    /** The content hash of the pack version. */
    packVersion: text(200),
    sbomDigest: text(200),
    feedSnapshot: text(200),
    vexCursor: text(200).orNull,
    state: choice(...runStates),
    startedAt: instant(),
    finishedAt: instant().orNull,
    passed: count(),
    warned: count(),
    blocked: count(),
    ignored: count(),
    error: text(10_000).orNull,
  },
  {
    indexes: [["determinismHash", "startedAt"]],
    derived: { determinismHash: { field: text(64), from: determinismHash } },
  },
);
export interface EvaluationRun extends AggregateOf<typeof evaluationRuns> {}

/** Why a component got its verdict. */
export const explanations = aggregate(
  "explanations",
  "explanation",
  {
    runId: id(),
    ordinal: count(),
    /** A purl. */
    component: text(2_000),
    advisoryKey: text(400).orNull,
    ruleKey: text(200),
    verdict: choice("pass", "warn", "block", "ignore"),
    trace: json(),
  },
  { indexes: [["runId", "ordinal"]], appendOnly: true, retain: { by: "createdAt", least: 30 } },
);
export interface Explanation extends AggregateOf<typeof explanations> {}

/** What a policy lets pass for a time, why, and on whose word. */
export const exceptions = aggregate(
  "exceptions",
  "exception",
  {
    exceptionId: text(200),
    type: choice("vulnerability", "policy", "unknown", "component"),
    effect: choice("suppress", "defer", "downgrade", "require_control"),
    scope: json(),
    vulnerability: text(200),
    justification: text(4_000),
    owner: text(200),
    evidence: set(2_000),
    status: choice(...exceptionStatuses),
    effectiveAt: instant(),
    /** From this very millisecond on it is over. */
    expiresAt: instant(),
    approvals: json(),
    revokedAt: instant().orNull,
    revokedBy: text(200).orNull,
    revokedReason: text(4_000).orNull,
  },
  {
    unique: [["exceptionId"]],
    refuse: refuseBadTerms,
    indexes: [
      ["status", "vulnerability", "effectiveAt"],
      ["status", "expiresAt"],
    ],
  },
);
export interface PolicyException extends AggregateOf<typeof exceptions> {}

export const audit = aggregate("audit", "audit_entry", auditFields, auditRules);
export interface AuditEntry extends AggregateOf<typeof audit> {}
