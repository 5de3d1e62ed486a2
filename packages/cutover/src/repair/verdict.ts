import type { Finding } from "../compare/comparison.ts";
import type { KeyState } from "../replication/replica.ts";

/** Why a finding is not repaired by a machine. */
export type Untouched =
  "differing" | "extra" | "ahead" | "unreadable" | "undeclared" | "damaged" | "lost" | "table" | "refused";

/** What the registers prove about a finding. */
export type Verdict = { readonly apply: true } | { readonly apply: false; readonly why: Untouched };

const leave = (why: Untouched): Verdict => ({ apply: false, why });
const apply: Verdict = { apply: true };

/**
 * Only what is provably older at the secondary is applied: its key is not in its register, or at a lower (generation, revision) than at the
 * primary. `source` and `target`: the key as primary and secondary have it registered; null where it is not.
 */
export function verdictOf(finding: Finding, source: KeyState | null, target: KeyState | null): Verdict {
  const { class: kind, id, paths } = finding;
  if (id === null) return leave("table");
  if (kind === "ahead" || kind === "unreadable" || kind === "undeclared") return leave(kind);
  if (source !== null && source.fault !== null) return leave(isLost(finding) ? "lost" : "damaged");
  const higher = target === null || (source !== null && isHigher(source, target));
  switch (kind) {
    case "missing":
    case "stale":
      return higher ? apply : leave("damaged");
    case "extra":
      if (source?.deleted !== true) return leave("extra");
      return target !== null && higher ? apply : leave("damaged");
    default:
      // The same content without an entry: an apply brings the entry.
      return paths.length === 1 && paths[0]?.path === "register" && target === null ? apply : leave("differing");
  }
}

/** Live in the primary's register, and no row there: a row of another revision would show as such. */
const isLost = ({ class: kind, paths }: Finding): boolean =>
  kind === "missing" &&
  paths.some(({ path }) => path === "register.deleted") &&
  paths.every(({ path }) => path !== "register.revision");

const isHigher = (left: KeyState, right: KeyState): boolean =>
  left.generation > right.generation || (left.generation === right.generation && left.revision > right.revision);

/** What a person can do. */
export const adviceFor: Readonly<Record<Untouched, string>> = {
  differing:
    "both hold the same revision with different content, so neither is provably right: look at both, then write the right one through the module at the primary; its revision grows, and it replicates",
  extra:
    "the primary has neither the row nor a tombstone of it: write it through the module if it belongs there; else a new backfill sweeps it, or delete it at the secondary by hand",
  ahead:
    "the secondary holds a higher revision than the primary: find out who wrote there; nothing that the primary holds may overwrite it before that is known",
  unreadable:
    "a value is stored in a form that its kind does not have: correct it where it is stored, or write the whole key again through the module",
  undeclared: "a field that no aggregate describes: remove it where it is stored, or give it a place in the definition",
  damaged:
    "a register entry and its row contradict each other, so that nothing proves which is newer: write the key again through the module at the primary; its revision grows, and it replicates",
  lost: "the primary itself has lost the row that its register has as live: restore it from a backup or from the secondary, through the module",
  table: "the table itself is not as its definition says: bring it up to date with the module's migrations",
  refused: "it was applied, and is as it was: the secondary refuses it, see the parked keys, or somebody writes there",
};
