/** Where a test looks: at one database, at both at once, or at a value or tenancy rule on both. */
export const columns = ["postgres", "mongo", "differential", "hazards", "tenancy"] as const;
export type Column = (typeof columns)[number];

export const titles: Readonly<Record<Column, string>> = {
  postgres: "PostgreSQL",
  mongo: "MongoDB",
  differential: "Differential",
  hazards: "Hazards",
  tenancy: "Tenancy",
};

/** One test that was run. */
export interface Outcome {
  readonly column: Column;
  /** `advisories.findByKey`, or the name of a hazard or rule: what stands before the colon of the test's name. */
  readonly subject: string;
  /** With the suites around it. */
  readonly name: string;
  /** A skipped test has proved nothing: it counts as failed. */
  readonly passed: boolean;
  readonly milliseconds: number;
  readonly message: string | null;
}
