import { refused, type DataLayerError } from "@stellaops/kernel";

export type ProblemCode =
  /** The name follows none of the four forms; `reason` says which rule it breaks. */
  | "MIGRATION_MISNAMED"
  | "MIGRATION_DUPLICATE"
  | "MIGRATION_NOT_TEXT"
  | "MIGRATION_MARKER"
  | "MIGRATION_EDITED"
  | "MIGRATION_MISSING"
  | "MIGRATION_RENAMED"
  | "MIGRATION_REORDERED";

/** Something about one file, or one row of the ledger, that stops every run. */
export interface Problem {
  readonly code: ProblemCode;
  readonly file: string;
  readonly message: string;
  readonly reason?: string;
}

/** One error for all problems: the code is the first one's, the message has a line for each. */
export function refuseProblems(problems: readonly Problem[]): void {
  const [first] = problems;
  if (first !== undefined) throw problemError(first, problems);
}

const problemError = (first: Problem, problems: readonly Problem[]): DataLayerError =>
  refused(first.code, problems.map((problem) => problem.message).join("\n"), { details: { problems } });
