import type { Operation } from "./operation.ts";

/** What an acknowledged write made of its key. */
export interface Version {
  readonly revision: number;
  /** Null: deleted. */
  readonly content: string | null;
  /** The revision it was based on; 0: created. */
  readonly expected: number;
  readonly begun: number;
  readonly ended: number;
}

export interface Versions {
  readonly known: ReadonlyMap<number, Version>;
  /** True where a write without an answer may have made that revision. */
  maybe(revision: number): boolean;
  readonly broken: readonly string[];
}

/** The versions of one key; a revision is told once. */
export function versionsOf(operations: readonly Operation[]): Versions {
  const known = new Map<number, Version>();
  const open = new Set<number>();
  const broken: string[] = [];
  let openCreation = false;
  for (const { begun, ended, call, answer } of operations) {
    if (call.kind === "get") continue;
    if (answer.kind === "unknown") {
      open.add(call.expected + 1);
      openCreation ||= call.kind === "put" && call.expected === 0;
    }
    if (answer.kind !== "stored" && answer.kind !== "deleted") continue;
    const revision = answer.kind === "stored" ? answer.revision : call.expected + 1;
    const content = call.kind === "put" ? call.content : null;
    if (known.has(revision)) broken.push(`revision ${revision} was acknowledged twice`);
    known.set(revision, { revision, content, expected: call.expected, begun, ended });
  }
  return { known, maybe: (revision) => openCreation || open.has(revision), broken };
}
