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

export function findingOf(file: MigrationFile, statement: Statement, { location, ...remark }: Remark): Finding {
  const line =
    location === undefined || location <= 0
      ? statement.line
      : Buffer.from(file.text).subarray(0, location).toString().split("\n").length;
  return { file: file.name, line, ...remark };
}
