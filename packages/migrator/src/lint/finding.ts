import type { MigrationFile } from "../files/read.ts";
import type { Statement } from "../sql/parse.ts";

/** One sentence about one place of one file. */
export interface Finding {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Stable: `drop-column`, `row-security`, … */
  readonly rule: string;
  readonly severity: "error" | "warning";
  readonly message: string;
}

/** What a rule says; where, is added by who asked. */
export interface Remark {
  readonly rule: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  /** Byte offset in the file, as the parser gives it; the statement's own when left out. */
  readonly location?: number | undefined;
}

export const error = (rule: string, message: string, location?: number): Remark => ({
  rule,
  severity: "error",
  message,
  location,
});

export const warning = (rule: string, message: string, location?: number): Remark => ({
  rule,
  severity: "warning",
  message,
  location,
});

export interface ParsedFile {
  readonly file: MigrationFile;
  readonly statements: readonly Statement[];
}

/**
 * Remarks with their place, without those that the comment directly above the statement allows:
 * `-- lint: allow tenant-first: the stage record belongs to no tenant`. A reason has to be given.
 */
export const findingsOf = (
  file: MigrationFile,
  statement: Statement,
  remarks: readonly Remark[],
): readonly Finding[] => {
  const allowed = allowedAbove(file, statement);
  return remarks
    .filter(({ rule }) => !allowed.has(rule))
    .map(({ location, ...remark }) => ({ file: file.name, line: lineOf(file, statement, location), ...remark }));
};

function allowedAbove({ text }: MigrationFile, { line }: Statement): ReadonlySet<string> {
  const above = text
    .split("\n")
    .slice(0, line - 1)
    .toReversed();
  const end = above.findIndex((one) => !one.startsWith("--"));
  return new Set(
    above.slice(0, end === -1 ? above.length : end).flatMap((one) => {
      const rule = /^--\s*lint: allow ([a-z-]+): \S/.exec(one)?.[1];
      return rule === undefined ? [] : [rule];
    }),
  );
}

const lineOf = ({ text }: MigrationFile, statement: Statement, location = 0): number =>
  location <= 0 ? statement.line : Buffer.from(text).subarray(0, location).toString().split("\n").length;
