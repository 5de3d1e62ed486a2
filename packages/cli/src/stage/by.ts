import { userInfo } from "node:os";
import type { StageOptions } from "./options.ts";

/** Who makes a change and why, for the record. */
export const byWhom = ({ by, reason }: StageOptions, what: string) => ({
  by: by ?? login(),
  reason: reason ?? `stella-data stage ${what}`,
});

function login(): string {
  try {
    return userInfo().username;
  } catch {
    return "unknown";
  }
}
