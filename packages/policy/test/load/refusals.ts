import { codeOf } from "@stellaops/kernel";

/** The code of the refusal; `done` where there was none. */
export const codeOfCall = (call: Promise<unknown>): Promise<string | undefined> =>
  call.then(
    () => "done",
    (error: unknown) => codeOf(error),
  );

/** The answer; null where it was refused for one of these reasons. */
export async function orNull<T>(call: Promise<T>, ...codes: readonly string[]): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (codes.includes(codeOf(error) ?? "")) return null;
    throw error;
  }
}
