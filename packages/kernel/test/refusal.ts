import { isDataLayerError, type ErrorFamily } from "../src/index.ts";

/** What a call was refused with; a call that was not refused, or with any other error, fails the test. */
export function refusal(work: () => unknown): {
  readonly code: string;
  readonly family: ErrorFamily;
  readonly path: unknown;
  readonly message: string;
} {
  try {
    work();
  } catch (error) {
    if (!isDataLayerError(error)) throw error;
    return { code: error.code, family: error.family, path: error.details["path"], message: error.message };
  }
  throw new Error("nothing was refused");
}
