import { adviceFor, type Left, type Parked, type Untouched } from "@stellaops/cutover";
import { findingLine } from "../compare/lines.ts";
import { plural } from "../output/table.ts";

/** Findings and keys printed of each kind; the JSON has all of them. */
const printed = 20;

/** What is left, by the reason, with what a person can do. */
export function leftLines(left: readonly Left[]): readonly string[] {
  const byReason = new Map<Untouched, Left[]>();
  for (const one of left) byReason.set(one.why, [...(byReason.get(one.why) ?? []), one]);
  return [...byReason].flatMap(([why, all]) => [
    `not touched, ${why}: ${plural(all.length, "finding")}; ${adviceFor[why]}`,
    ...all.slice(0, printed).map(({ finding }) => `  ${findingLine(finding)}`),
    ...(all.length > printed ? [`  … and ${all.length - printed} more`] : []),
  ]);
}

export const parkedLines = (parked: readonly Parked[]): readonly string[] =>
  parked.length === 0
    ? []
    : [
        `parked: ${plural(parked.length, "key")} that the secondary refuses; write each again through the module in a form that both databases take`,
        ...parked
          .slice(0, printed)
          .map(({ aggregate, tenant, id, reason }) => `  ${aggregate} ${tenant}/${id}: ${reason}`),
        ...(parked.length > printed ? [`  … and ${parked.length - printed} more`] : []),
      ];
