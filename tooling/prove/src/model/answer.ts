import { isDataLayerError } from "@stellaops/kernel";
import { perform, type Command } from "@stellaops/testkit/module";
import type { Store } from "./stores.ts";

type Scope = ReturnType<Store["at"]>;

/** What a command came to, as one text: equal answers give equal texts. */
export async function answerOf(at: (tenant: string) => Scope, command: Command): Promise<string> {
  try {
    return text(await perform(at(command.tenant), command));
  } catch (error) {
    if (!isDataLayerError(error)) throw error;
    const { constraint, path } = error.details;
    return text({ error: error.code, family: error.family, constraint, path });
  }
}

/** Keys in their order, as what a store gives back may have another; bigints, dates and cursors told apart. */
export function text(value: unknown): string {
  return JSON.stringify(value, (key, part: unknown) => {
    if (typeof part === "bigint") return `${part}n`;
    // A cursor is opaque, and the model has none: whether there is more is the answer.
    if (key === "next" && typeof part === "string") return "more";
    if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}
