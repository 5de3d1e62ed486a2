/** Why one value of a document cannot be stored in the module's shape. */
export interface Refusal {
  /** From the root, with points: `affected.0.purl`. Empty where the whole document is meant. */
  readonly path: string;
  /** `VALUE_…` and `TENANT_…` as repositories refuse it; `FIELD_UNKNOWN`, `FIELD_TAKEN`, `UNIQUE_VIOLATION`, `REVISION_CONFLICT` */
  readonly code: string;
  readonly message: string;
}

/** Takes a refusal while a document is read; the value is undefined then. */
export type Refuse = (path: string, code: string, message: string) => undefined;
