import { dataError } from "@stellaops/kernel";
import type { Node } from "libpg-query";

export interface Statement {
  /** Counted from 0. */
  readonly index: number;
  /** Of the file, counted from 1. */
  readonly line: number;
  readonly sql: string;
  readonly node: Node;
}

/**
 * PostgreSQL's own parser, so that a semicolon in a string, a comment or a function body ends nothing.
 *
 * @throws `MIGRATION_SYNTAX` (data) with file and line
 */
export async function parseFile(file: string, text: string): Promise<readonly Statement[]> {
  // Loaded on use: a service that has nothing to do does not pay for 1.7 MB of WebAssembly.
  const { parse, hasSqlDetails } = await import("libpg-query");
  const bytes = Buffer.from(text);
  try {
    const { stmts = [] } = await parse(text);
    return stmts.flatMap(({ stmt, stmt_location: from = 0, stmt_len: length }, index) => {
      if (stmt === undefined) return [];
      const to = length === undefined || length === 0 ? bytes.length : from + length;
      return [
        {
          index,
          line: lineAt(bytes.subarray(0, from).toString()),
          sql: bytes.subarray(from, to).toString(),
          node: stmt,
        },
      ];
    });
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    const line = hasSqlDetails(cause) ? lineAt(text.slice(0, cause.sqlDetails?.cursorPosition ?? 0)) : 1;
    throw dataError("MIGRATION_SYNTAX", `${file}:${line}: ${cause.message}`, { cause, details: { file, line } });
  }
}

const lineAt = (before: string): number => before.split("\n").length;
