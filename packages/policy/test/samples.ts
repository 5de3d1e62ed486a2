import { manualClock, seededIds } from "@stellaops/kernel";
import type {
  AuditEntry,
  Completion,
  EvaluationStart,
  Explanation,
  Pack,
  PackVersion,
  PolicyException,
  RiskProfile,
} from "../src/index.ts";

export const noon = new Date("2026-03-01T12:00:00.000Z");
/** So many minutes after `noon`. */
export const minute = (minutes: number): Date => new Date(noon.getTime() + minutes * 60_000);
/** So many milliseconds after `noon`. */
export const ms = (n: number): Date => new Date(noon.getTime() + n);

const ids = seededIds(manualClock(noon), 44);
export const newId = (): string => ids.next();
let made = 0;
/** A text that no other call gives. */
export const fresh = (word: string): string => `${word}-${(made += 1)}`;

const stamps = { createdAt: noon, updatedAt: noon };

export const pack = (over: Partial<Pack> = {}): Pack => ({
  id: newId(),
  name: fresh("pack"),
  displayName: "Baseline",
  description: null,
  activeVersion: null,
  isBuiltin: false,
  ...stamps,
  ...over,
});

export const rule = (over: Partial<PackVersion["rules"][number]> = {}): PackVersion["rules"][number] => ({
  ruleKey: "block-critical",
  ordinal: 1,
  severity: "critical",
  body: { when: "severity >= critical", verdict: "block" },
  ...over,
});

/** A draft. */
export const packVersion = (over: Partial<PackVersion> = {}): PackVersion => ({
  id: newId(),
  packId: newId(),
  version: fresh("1.0"),
  status: "draft",
  source: "policy baseline {}",
  compiled: { rules: [{ "a.b": 1 }] },
  publishedAt: null,
  publishedBy: null,
  rules: [rule(), rule({ ruleKey: "warn-high", ordinal: 2, severity: "high" })],
  ...stamps,
  ...over,
});

export const riskProfile = (over: Partial<RiskProfile> = {}): RiskProfile => ({
  id: newId(),
  profileId: fresh("profile"),
  version: "1.0.0",
  parentId: null,
  isActive: false,
  weights: { cvss: 0.5, reachability: 0.5 },
  overrides: { severity: [{ match: "kev", to: "critical" }] },
  ...stamps,
  ...over,
});

export const evaluation = (over: Partial<EvaluationStart> = {}): EvaluationStart => ({
  id: newId(),
  packVersion: "b".repeat(64),
  sbomDigest: fresh("sha256:"),
  feedSnapshot: "feeds-2026-03-01",
  vexCursor: "vex-17",
  at: noon,
  ...over,
});

export const completion = (id: string, over: Partial<Completion> = {}): Completion => ({
  id,
  state: "completed",
  passed: 7n,
  warned: 2n,
  blocked: 1n,
  ignored: 0n,
  at: minute(1),
  ...over,
});

export const explanation = (over: Partial<Explanation> = {}): Explanation => ({
  id: newId(),
  runId: newId(),
  ordinal: 1n,
  component: "pkg:npm/left-pad@1.3.0",
  advisoryKey: "GHSA-xxxx",
  ruleKey: "block-critical",
  verdict: "block",
  trace: [{ step: "match", "$x.y": true }],
  ...stamps,
  ...over,
});

/** A draft that holds for an hour from noon on. */
export const exception = (over: Partial<PolicyException> = {}): PolicyException => ({
  id: newId(),
  exceptionId: fresh("EXC"),
  type: "vulnerability",
  effect: "suppress",
  scope: { images: ["sha256:a"] },
  vulnerability: "CVE-2026-0001",
  justification: "Not reachable: the parser is never given input from outside.",
  owner: "ada",
  evidence: ["https://example.test/1"],
  status: "draft",
  effectiveAt: noon,
  expiresAt: minute(60),
  approvals: [{ by: "bob" }],
  revokedAt: null,
  revokedBy: null,
  revokedReason: null,
  ...stamps,
  ...over,
});

export const entry = (over: Partial<AuditEntry> = {}): AuditEntry => ({
  id: newId(),
  actor: "ada",
  action: "pack.publish",
  targetKind: "pack",
  targetId: fresh("target"),
  details: { why: "reviewed" },
  occurredAt: noon,
  ...stamps,
  ...over,
});
