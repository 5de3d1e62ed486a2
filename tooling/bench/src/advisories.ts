import { vuln } from "@stellaops/vuln";

/** The definition that the repositories are made from. */
export const definition = vuln.aggregates[3];
