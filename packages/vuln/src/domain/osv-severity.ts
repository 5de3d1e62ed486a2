import cvssCalculator from "ae-cvss-calculator";
import type { Advisory, Severity } from "../aggregates.ts";
import type { OsvRecord, OsvSeverity } from "./osv-record.ts";

type Cvss = Advisory["cvss"][number];

/** Vectors of the record and of each affected package, each once, in the order of the record. Other kinds of score stay in `raw`. */
export function cvssOf({ severity, affected }: OsvRecord): readonly Cvss[] {
  const given = [...severity, ...affected.flatMap((entry) => entry.severity)];
  const byVector = new Map(given.flatMap(cvss).map((entry) => [entry.vector, entry]));
  return [...byVector.values()];
}

/** What is taken for a vector that does not name its version, by the record's word for its kind. */
const versions = new Map([
  ["CVSS_V2", "2.0"],
  ["CVSS_V3", "3.0"],
  ["CVSS_V4", "4.0"],
]);

function cvss({ type, score: vector }: OsvSeverity): readonly Cvss[] {
  const assumed = versions.get(type);
  if (assumed === undefined) return [];
  const version = /^CVSS:(\d\.\d)\//.exec(vector)?.[1] ?? assumed;
  return [{ version, vector, baseScore: scoreOf(vector), source: null }];
}

/** Null where the vector is malformed or lacks a base metric: it is kept as it was given, without a score. */
function scoreOf(vector: string): string | null {
  const parsed = parsedOf(vector);
  if (parsed === null || !parsed.isBaseFullyDefined()) return null;
  const scores = parsed.calculateScores();
  // Under version 4 the calculator's `base` takes threat and environment in, where a vector has them.
  const base = "baseMetricsOnly" in scores ? scores.baseMetricsOnly : scores.base;
  return typeof base === "number" ? base.toFixed(1) : null;
}

/** The calculator throws for some malformed vectors ("toString") and gives null for others. */
function parsedOf(vector: string): ReturnType<typeof cvssCalculator.fromVector> {
  try {
    return cvssCalculator.fromVector(vector);
  } catch {
    return null;
  }
}

/** From the highest base score, else in the database's own word for it, else unknown. */
export function severityOf(scored: readonly Cvss[], word: string | null): Severity {
  const scores = scored.flatMap(({ baseScore }) => (baseScore === null ? [] : [Number(baseScore)]));
  if (scores.length > 0) return rating(Math.max(...scores));
  return words.get(word?.toLowerCase() ?? "") ?? "unknown";
}

/** The qualitative scale of CVSS 3 and 4, for scores of every version. */
function rating(score: number): Severity {
  if (score >= 9) return "critical";
  if (score >= 7) return "high";
  if (score >= 4) return "medium";
  return score > 0 ? "low" : "none";
}

const words = new Map<string, Severity>([
  ["none", "none"],
  ["low", "low"],
  ["moderate", "medium"],
  ["medium", "medium"],
  ["high", "high"],
  ["critical", "critical"],
]);
