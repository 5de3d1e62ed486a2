import type { Json } from "@stellaops/kernel";
import { findingsOf, type Comparison } from "../compare/comparison.ts";
import type { Check } from "./evidence.ts";

/** Keys named in the evidence; the comparison itself names more. */
const named = 5;

/** A full comparison without findings. What lags is on its way, and is drained by the move. */
export async function comparisonCheck(module: string, compare: () => Promise<Comparison>): Promise<Check> {
  const comparison = await compare();
  const findings = findingsOf(comparison);
  const { aggregates } = comparison;
  const sum = (of: (one: (typeof aggregates)[number]) => number): number =>
    aggregates.reduce((total, one) => total + of(one), 0);
  const [mongo, postgres] = [sum(({ rows }) => rows.mongo), sum(({ rows }) => rows.postgres)];
  const lagging = sum((one) => one.lagging);
  return {
    name: "comparison",
    passed: findings === 0,
    saw: `${mongo} documents and ${postgres} rows compared: ${findings} findings, ${lagging} lagging`,
    fix: findings === 0 ? null : `run \`stella-data compare run --module ${module}\` and mend what it finds`,
    numbers: {
      mongo,
      postgres,
      findings,
      lagging,
      aggregates: aggregates.map((one): Json => ({
        aggregate: one.aggregate,
        mongo: one.rows.mongo,
        postgres: one.rows.postgres,
        findings: one.findings.length + one.moreFindings,
        lagging: one.lagging,
      })),
      first: aggregates
        .flatMap((one) => one.findings)
        .slice(0, named)
        .map((one): Json => ({ aggregate: one.aggregate, tenant: one.tenant, id: one.id, class: one.class })),
    },
  };
}
