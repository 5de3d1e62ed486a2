import { mkdir, writeFile } from "node:fs/promises";
import { junitOf } from "./junit.ts";
import { knownDifferences, type KnownDifference } from "./known-differences.ts";
import { markdownOf } from "./markdown.ts";
import type { Outcome } from "./outcome.ts";
import { tableOf, type Table } from "./table.ts";

export interface Report {
  readonly module: string;
  readonly outcomes: readonly Outcome[];
  readonly table: Table;
  readonly failures: readonly Outcome[];
  readonly differences: readonly KnownDifference[];
}

export const reportOf = (module: string, outcomes: readonly Outcome[]): Report => ({
  module,
  outcomes,
  table: tableOf(outcomes),
  failures: outcomes.filter(({ passed }) => !passed),
  differences: knownDifferences.filter((difference) => difference.module === null || difference.module === module),
});

/** Markdown for people, JSON for programs, JUnit for the continuous build. Gives the text that was written as Markdown. */
export async function writeReport(folder: string, report: Report): Promise<string> {
  const { module, table, outcomes, differences } = report;
  const markdown = markdownOf(report);
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/${module}.md`, markdown);
  await writeFile(
    `${folder}/${module}.json`,
    `${JSON.stringify({ module, ...table, differences, outcomes }, null, 2)}\n`,
  );
  await writeFile(`${folder}/${module}.xml`, junitOf(report));
  return markdown;
}
