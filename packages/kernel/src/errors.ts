/**
 * What the caller may do next:
 * - `transient`: the same unit may be run again (serialization, deadlock, lock timeout, shutdown, fenced);
 * - `integrity`: a rule of the stored data refused it (unique, check, reference);
 * - `data`: a value, a document or an argument was refused before anything was written;
 * - `not-found`, `conflict` (another revision, illegal transition);
 * - `refused`: a guard or a start-up check said no, with its evidence;
 * - `unavailable`: a server could not be reached or answered with the unexpected;
 * - `unknown-outcome`: the connection was lost while a COMMIT was on its way;
 * - `programming`: a mistake in the calling code.
 */
export type ErrorFamily =
  | "transient"
  | "integrity"
  | "data"
  | "not-found"
  | "conflict"
  | "refused"
  | "unavailable"
  | "unknown-outcome"
  | "programming";

export interface ErrorDetails {
  readonly [key: string]: unknown;
}

/** The one error class. Test `code` (through `codeOf`), never `instanceof` across packages. */
export class DataLayerError extends Error {
  override readonly name = "DataLayerError";
  readonly code: string;
  readonly family: ErrorFamily;
  readonly details: ErrorDetails;

  constructor(
    family: ErrorFamily,
    code: string,
    message: string,
    options: { readonly details?: ErrorDetails; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.family = family;
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** Recognised by shape, so that it also holds when two copies of this package are loaded. */
export const isDataLayerError = (error: unknown): error is DataLayerError =>
  error instanceof Error && error.name === "DataLayerError" && "code" in error && "family" in error;

export const codeOf = (error: unknown): string | undefined => (isDataLayerError(error) ? error.code : undefined);

export const familyOf = (error: unknown): ErrorFamily | undefined =>
  isDataLayerError(error) ? error.family : undefined;

type Rest = ConstructorParameters<typeof DataLayerError>[3];
const of =
  (family: ErrorFamily) =>
  (code: string, message: string, options?: Rest): DataLayerError =>
    new DataLayerError(family, code, message, options);

export const transient = of("transient");
export const integrity = of("integrity");
export const dataError = of("data");
export const notFound = of("not-found");
export const conflict = of("conflict");
export const refused = of("refused");
export const unavailable = of("unavailable");
export const unknownOutcome = of("unknown-outcome");
export const programming = of("programming");
