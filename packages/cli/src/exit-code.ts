import { isDataLayerError, type ErrorFamily } from "@stellaops/kernel";

/** What the shell gets to see; documented in the help. */
export const exitCodes = { done: 0, refused: 1, usage: 2, unreachable: 3, interrupted: 130 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const families: Readonly<Record<ErrorFamily, ExitCode>> = {
  transient: exitCodes.refused,
  integrity: exitCodes.refused,
  conflict: exitCodes.refused,
  refused: exitCodes.refused,
  data: exitCodes.usage,
  "not-found": exitCodes.usage,
  programming: exitCodes.usage,
  unavailable: exitCodes.unreachable,
  "unknown-outcome": exitCodes.unreachable,
};

/** What nobody expected is no mistake of whoever typed the command, and a check is what found the altered receipt. */
const found: ReadonlySet<string> = new Set(["UNEXPECTED", "RECEIPT_ALTERED"]);

export const exitCodeOf = (error: unknown): ExitCode =>
  isDataLayerError(error) && !found.has(error.code) ? families[error.family] : exitCodes.refused;
