import { findingsOf, type Comparison, type Finding, type Receipt } from "@stellaops/cutover";
import { plural, table } from "../output/table.ts";

/** One finding a line: class, aggregate, key, paths, revisions where they differ. */
export function findingLine({ aggregate, tenant, id, class: kind, paths, revisions }: Finding): string {
  const key = id === null ? "" : ` ${tenant ?? ""}/${id}`;
  const at = paths.length === 0 ? "" : `: ${paths.map(({ path }) => path).join(", ")}`;
  const { mongo, postgres } = revisions;
  const differ = mongo === postgres ? "" : ` (revision ${mongo ?? "none"} on mongo, ${postgres ?? "none"} on postgres)`;
  return `${kind} ${aggregate}${key}${at}${differ}`;
}

/** The finding with what both databases hold at each path. */
export const findingLines = (finding: Finding): readonly string[] => [
  findingLine(finding),
  ...finding.paths.map(
    ({ path, mongo, postgres, expected }) =>
      `  ${path}: mongo ${JSON.stringify(mongo)}, postgres ${JSON.stringify(postgres)}${expected === undefined ? "" : `, should be ${JSON.stringify(expected)}`}`,
  ),
];

/** Counts of each aggregate. */
export const aggregateLines = ({ aggregates }: Comparison): readonly string[] =>
  table(
    ["aggregate", "mongo", "postgres", "findings", "lagging", "ranges", "read singly", "digest"],
    aggregates.map(({ aggregate, rows, findings, moreFindings, lagging, ranges, fetched, digest }) => [
      aggregate,
      rows.mongo,
      rows.postgres,
      findings.length + moreFindings,
      lagging,
      ranges.length,
      fetched,
      digest.mongo === digest.postgres ? "equal" : "differs",
    ]),
  );

export const whenLine = ({ comparison, sha256 }: Receipt): string => {
  const { module, primary, epoch, generation, startedAt, finishedAt, tenant, toolVersion } = comparison;
  const whose = tenant === null ? "all tenants" : `tenant ${tenant}`;
  return `${module}, ${whose}: compared ${startedAt} to ${finishedAt}, primary ${primary}, epoch ${epoch}, generation ${generation}, version ${toolVersion ?? "unknown"}; sha256 ${sha256}`;
};

export const countLine = (comparison: Comparison): string => {
  const count = findingsOf(comparison);
  return count === 0 ? "no findings: both databases hold the same" : plural(count, "finding");
};
