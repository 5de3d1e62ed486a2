import { columns, titles, type Column } from "./outcome.ts";
import type { Report } from "./report.ts";
import type { Line } from "./table.ts";

const cellOf = ({ cells }: Line, column: Column): string => {
  const cell = cells[column];
  if (cell === undefined) return "";
  return cell.failed === 0 ? `${cell.passed} passed` : `${cell.failed} FAILED of ${cell.passed + cell.failed}`;
};

function gridOf(head: string, shown: readonly Column[], lines: readonly Line[]): readonly string[] {
  const rows = [
    [head, ...shown.map((column) => titles[column])],
    ...lines.map((line) => [line.subject, ...shown.map((column) => cellOf(line, column))]),
  ];
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const told = rows.map((row) => `| ${row.map((text, i) => text.padEnd(widths[i]!)).join(" | ")} |`);
  return [told[0]!, `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...told.slice(1)];
}

export function markdownOf({ module, table, failures, differences }: Report): string {
  const used = columns.filter((column) => table.others.some(({ cells }) => cells[column] !== undefined));
  return [
    `# Parity of ${module}`,
    "",
    ...gridOf("Repository and verb", ["postgres", "mongo", "differential", "tenancy"], table.verbs),
    "",
    ...gridOf("Beside the verbs", used, table.others),
    "",
    `Known differences: ${differences.length}`,
    ...differences.map(({ what, reason }) => `- ${what}: ${reason}`),
    "",
    ...failures.flatMap(({ name, message }) => [`FAILED ${name}`, `  ${(message ?? "").split("\n")[0]}`]),
    ...table.gaps.map((gap) => `FAILED ${gap}`),
    `${table.verbs.length} verbs, ${table.passed} tests passed, ${table.failed + table.gaps.length} failed`,
    "",
  ].join("\n");
}
