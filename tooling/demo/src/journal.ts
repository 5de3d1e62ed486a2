import { closeSync, openSync, readFileSync, writeSync } from "node:fs";

/**
 * What a service was told by the data layer, kept outside of both databases: one JSON line a call, written before the next call of that
 * key begins. A killed process leaves at most one line cut.
 */
export type Entry =
  | {
      readonly kind: "stored";
      readonly tenant: string;
      readonly id: string;
      readonly revision: string;
      readonly title: string;
    }
  | { readonly kind: "deleted"; readonly tenant: string; readonly id: string; readonly revision: string }
  /** Asked and not yet answered: a kill may come between. */
  | { readonly kind: "deleting"; readonly tenant: string; readonly id: string }
  | { readonly kind: "failed"; readonly verb: string; readonly code: string; readonly message: string }
  /** A read of an own key gave less than was acknowledged before it. */
  | {
      readonly kind: "stale";
      readonly tenant: string;
      readonly id: string;
      readonly got: string;
      readonly acknowledged: string;
    }
  | { readonly kind: "latency"; readonly worstMs: number; readonly calls: number };

export interface Journal {
  write(entry: Entry): void;
  close(): void;
}

export function openJournal(path: string): Journal {
  const file = openSync(path, "a");
  return {
    write: (entry) => void writeSync(file, `${JSON.stringify(entry)}\n`),
    close: () => closeSync(file),
  };
}

export function readJournal(path: string): readonly Entry[] {
  const lines = readFileSync(path, "utf8").split("\n");
  // What follows the last line feed is empty, or the line that the kill has cut: it was not finished, so nobody was told.
  return lines.slice(0, -1).map((line) => JSON.parse(line) as Entry);
}
