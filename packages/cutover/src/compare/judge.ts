import { byBytes } from "@stellaops/kernel";
import type { Database } from "../stages.ts";
import type { Both, Finding, FindingClass, FindingPath } from "./comparison.ts";
import type { DerivedCheck } from "./derived.ts";
import type { Layout } from "./layout.ts";
import { differingPaths, shownAt, shownText } from "./paths.ts";
import { contradiction, type Contradiction, type KeyState } from "./record.ts";

/** A key looked at on the primary, then on the secondary, then on the primary again. */
export interface Look {
  readonly before: KeyState;
  readonly secondary: KeyState;
  readonly after: KeyState;
}

/** `again`: the primary changed between the two looks, so nothing follows from them. */
export type Verdict = "equal" | "lagging" | "again" | Finding;

export interface Judged {
  readonly layout: Layout;
  readonly primary: Database;
  readonly derived: DerivedCheck;
  /** Where every row has a register entry, because a replication into that database is complete. */
  readonly registered: Database | null;
}

export function judge(judged: Judged, { before, secondary, after }: Look): Verdict {
  const sides =
    judged.primary === "mongo" ? { mongo: after, postgres: secondary } : { mongo: secondary, postgres: after };
  const paths = pathsOf(judged, sides);
  const alone = (after.record === null) !== (secondary.record === null);
  if (paths.length === 0 && !alone) return "equal";
  // What is still to be replicated says nothing about what the primary itself holds.
  const pending = after.register?.pending === true && after.register.refusal === null;
  if (pending && !isWrong(after, judged)) return "lagging";
  if (!unchanged(before, after)) return "again";
  return {
    aggregate: judged.layout.definition.table,
    tenant: after.key.tenant,
    id: after.key.id,
    class: classOf(after, secondary),
    paths,
    revisions: { mongo: revisionOf(sides.mongo), postgres: revisionOf(sides.postgres) },
    generations: {
      mongo: sides.mongo.register?.generation ?? null,
      postgres: sides.postgres.register?.generation ?? null,
    },
  };
}

/** Whether one database by itself is not as it should be. */
const isWrong = (state: KeyState, { derived, primary, registered }: Judged): boolean =>
  contradiction(state, registered === primary) !== null ||
  (state.record !== null && (state.record.issues.length > 0 || derived(state.record).length > 0));

function pathsOf({ layout, derived, registered }: Judged, { mongo, postgres }: Both<KeyState>): readonly FindingPath[] {
  const [m, p] = [mongo.record, postgres.record];
  const records = [m, p].filter((record) => record !== null);
  const wrong = new Map(records.flatMap(derived).map(({ path, expected }) => [path, expected]));
  const names = new Set([
    ...(m !== null && p !== null ? differingPaths(layout, m, p) : []),
    ...records.flatMap(({ issues }) => issues.map(({ path }) => path)),
    ...wrong.keys(),
  ]);
  const values = [...names].toSorted(byBytes).map((path): FindingPath => {
    const shown = { path, mongo: shownAt(layout, m, path), postgres: shownAt(layout, p, path) };
    const expected = wrong.get(path);
    return expected === undefined ? shown : { ...shown, expected: shownText(layout, path, expected) };
  });
  const contradictions = new Set(
    [contradiction(mongo, registered === "mongo"), contradiction(postgres, registered === "postgres")].filter(
      (path) => path !== null,
    ),
  );
  const entries = [...contradictions].toSorted(byBytes).map((path) => ({
    path,
    mongo: entryAt(mongo, path),
    postgres: entryAt(postgres, path),
  }));
  return [...values, ...entries];
}

const entryAt = ({ register }: KeyState, path: Contradiction): string | null => {
  if (register === null) return path === "register" ? "absent" : null;
  return path === "register.revision" ? register.revision : register.deleted ? "deleted" : "live";
};

const unchanged = (before: KeyState, after: KeyState): boolean =>
  before.record?.line === after.record?.line && JSON.stringify(before.register) === JSON.stringify(after.register);

const revisionOf = ({ record, register }: KeyState): string | null =>
  record === null ? (register?.revision ?? null) : record.revision;

function classOf(primary: KeyState, secondary: KeyState): FindingClass {
  if (secondary.record === null) return "missing";
  if (primary.record === null) return "extra";
  const issues = [...primary.record.issues, ...secondary.record.issues];
  for (const kind of ["unreadable", "undeclared"] as const)
    if (issues.some((issue) => issue.class === kind)) return kind;
  return orderOf(primary, secondary);
}

/**
 * An older generation is older whatever its revision. A newer one on the secondary tells nothing: a backfill stamps its own
 * on rows that are older.
 */
function orderOf(primary: KeyState, secondary: KeyState): FindingClass {
  const [ahead, behind] = [primary.register, secondary.register];
  if (ahead !== null && behind !== null && BigInt(behind.generation) < BigInt(ahead.generation)) return "stale";
  const [p, s] = [BigInt(primary.record?.revision ?? 0), BigInt(secondary.record?.revision ?? 0)];
  return s < p ? "stale" : s > p ? "ahead" : "differing";
}
