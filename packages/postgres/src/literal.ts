import type { Kind } from "@stellaops/kernel";

/** What keys and rules can be partial by: written out, since of a parameter no planner knows that the index holds it. */
export const isWrittenOut = (kind: Kind): boolean => kind === "choice" || kind === "flag";

/** Texts in which planners find partial indexes. */
export const literal = (value: unknown): string =>
  typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value);
