import { vuln, type Advisory } from "@stellaops/vuln";

/** The definition that the repositories are made from. */
export const definition = vuln.aggregates[3];
export type { Advisory };
