import type { Column, Outcome } from "./outcome.ts";

export interface Cell {
  readonly passed: number;
  readonly failed: number;
}
export interface Line {
  /** `advisories.findByKey` */
  readonly subject: string;
  readonly cells: Readonly<Partial<Record<Column, Cell>>>;
}

/** Every verb must have tests in each of these. */
const needed: readonly Column[] = ["postgres", "mongo", "differential"];
const verbForm = /^[a-z]\w*\.[a-z]\w*$/i;

export interface Table {
  readonly verbs: readonly Line[];
  /** Hazards, tenancy rules and whatever else is no verb of a repository. */
  readonly others: readonly Line[];
  readonly passed: number;
  readonly failed: number;
  /** `advisories.findByKey has no test on MongoDB`: counts as failed. */
  readonly gaps: readonly string[];
}

export function tableOf(outcomes: readonly Outcome[]): Table {
  const lines = new Map<string, Partial<Record<Column, Cell>>>();
  for (const { subject, column, passed } of outcomes) {
    const cells = lines.get(subject) ?? {};
    const cell = cells[column] ?? { passed: 0, failed: 0 };
    cells[column] = { passed: cell.passed + Number(passed), failed: cell.failed + Number(!passed) };
    lines.set(subject, cells);
  }
  const all = [...lines].map(([subject, cells]): Line => ({ subject, cells }));
  // What the differential drives are the verbs; transactions and registers are contracts of the units around them.
  const verbs = all.filter(({ subject }) => verbForm.test(subject) && isOfRepository(subject));
  return {
    verbs: verbs.toSorted((a, b) => (a.subject < b.subject ? -1 : 1)),
    others: all.filter((line) => !verbs.includes(line)),
    passed: outcomes.filter(({ passed }) => passed).length,
    failed: outcomes.filter(({ passed }) => !passed).length,
    gaps: verbs.flatMap(({ subject, cells }) =>
      needed.flatMap((column) => (cells[column] === undefined ? [`${subject} has no test in ${column}`] : [])),
    ),
  };
}

const surroundings = new Set(["transaction", "register", "tenancy", "hazards"]);
const isOfRepository = (subject: string): boolean => !surroundings.has(subject.split(".")[0] ?? "");
