import type { AggregateOptions } from "./aggregate.ts";
import type { Comparison, Finding } from "./comparison.ts";
import { Findings } from "./findings.ts";
import { prepare, type CompareOptions } from "./prepare.ts";
import { Rechecks } from "./rechecks.ts";
import { keyText } from "./record.ts";
import { unkeyed } from "./unkeyed.ts";

export interface Rechecked {
  /** What is found now at the keys of the earlier findings; its class and paths may be others. */
  readonly findings: readonly Finding[];
  /** Earlier findings of which nothing is left. */
  readonly gone: readonly Finding[];
  /** Keys that differ because their replication is pending. */
  readonly lagging: number;
}

/** Looks again, only at the keys that an earlier comparison has named. What it counted beyond its limit it did not name. */
export async function recheckFindings(options: CompareOptions, { aggregates }: Comparison): Promise<Rechecked> {
  const named = new Map(aggregates.map(({ aggregate, findings }) => [aggregate, findings]));
  const only = aggregates.filter(({ findings }) => findings.length > 0).map(({ aggregate }) => aggregate);
  const found: Finding[] = [];
  let lagging = 0;
  for (const prepared of await prepare({ ...options, only })) {
    const again = await lookAgain(prepared, named.get(prepared.layout.definition.table) ?? []);
    found.push(...again.findings.kept);
    lagging += again.lagging;
  }
  const left = new Set(found.map(placeOf));
  const gone = aggregates.flatMap(({ findings }) => findings).filter((finding) => !left.has(placeOf(finding)));
  return { findings: found, gone, lagging };
}

/** Nobody knows what a row of an earlier finding weighs now: about ten at once. */
const guess = 400 * 1024;

async function lookAgain(prepared: AggregateOptions, earlier: readonly Finding[]) {
  const findings = new Findings(Number.POSITIVE_INFINITY);
  const rechecks = new Rechecks(prepared, findings);
  if (earlier.some(({ id }) => id === null)) findings.add(prepared.tables);
  if (earlier.some(isUnkeyed)) for await (const found of unkeyed(prepared)) findings.add([found]);
  for (const finding of earlier) {
    const { tenant, id } = finding;
    if (tenant !== null && id !== null && !isUnkeyed(finding))
      await rechecks.add([{ key: { tenant, id }, bytes: guess }]);
  }
  await rechecks.flush();
  return { findings, lagging: rechecks.lagging };
}

/** A document without a key is named by its _id. */
const isUnkeyed = ({ class: kind, paths }: Finding): boolean =>
  kind === "unreadable" && paths.some(({ path }) => path === "id" || path === "tenantId");

const placeOf = ({ aggregate, tenant, id, paths }: Finding): string =>
  id === null
    ? `${aggregate} ${paths.map(({ path }) => path).join(" ")}`
    : `${aggregate} ${keyText({ tenant: tenant ?? "", id })}`;
