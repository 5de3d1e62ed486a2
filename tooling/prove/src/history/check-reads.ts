import type { Operation } from "./operation.ts";
import { Floor } from "./floor.ts";
import type { Version, Versions } from "./versions.ts";

/**
 * Every answer against what was known when it was asked for: the revisions order the writes, so that a history is linearizable exactly when
 * no answer is older than what was told before its call, nor newer than what was begun before its end.
 */
export function checkAnswers(operations: readonly Operation[], versions: Versions): readonly string[] {
  const floor = new Floor();
  const broken: string[] = [];
  for (const operation of operations.toSorted((a, b) => a.ended - b.ended)) {
    const least = floor.at(operation.begun);
    const { seen, fault } = judge(operation, least, versions);
    if (fault !== null) broken.push(fault);
    if (seen !== null) floor.raise(operation.ended, seen);
  }
  return broken;
}

interface Judgement {
  /** The least revision that the key has from the end of this operation on. */
  readonly seen: number | null;
  readonly fault: string | null;
}
const fine = (seen: number | null): Judgement => ({ seen, fault: null });
const wrong = (fault: string): Judgement => ({ seen: null, fault });

function judge(operation: Operation, least: number, versions: Versions): Judgement {
  const { call, answer } = operation;
  if (answer.kind === "stored") return fine(answer.revision);
  if (answer.kind === "deleted" && call.kind === "delete") return fine(call.expected + 1);
  if (answer.kind === "found") return found(operation, answer, least, versions);
  if (answer.kind === "nothing") return nothing(operation, least, versions);
  if (answer.kind === "conflict" && call.kind !== "get") return refusal(operation, call.expected, least, versions);
  return fine(null);
}

function found(
  { ended }: Operation,
  { revision, content }: { readonly revision: number; readonly content: string },
  least: number,
  { known, maybe }: Versions,
): Judgement {
  if (revision < least) return wrong(`a read gave revision ${revision} after ${least} had been told`);
  const version = known.get(revision);
  if (version === undefined)
    return maybe(revision) ? fine(revision) : wrong(`a read gave revision ${revision}, which nobody wrote`);
  if (version.begun > ended) return wrong(`a read gave revision ${revision} before it was written`);
  if (version.content !== content) return wrong(`a read gave revision ${revision} with other content`);
  return fine(revision);
}

/** There has to be a moment between asking and answer at which the key was not there. */
function nothing({ ended }: Operation, least: number, { known, maybe }: Versions): Judgement {
  if (least === 0) return fine(null);
  for (let revision = least; ; revision += 1) {
    const version = known.get(revision);
    if (version === undefined) {
      if (maybe(revision)) return fine(null);
      return wrong(`a read gave nothing, and revision ${least} had been told`);
    }
    if (version.content === null && version.begun < ended) return fine(revision);
  }
}

/** A refusal has to be due to another writer: at some moment the key was not at the revision that was named. */
function refusal({ ended }: Operation, expected: number, least: number, { known, maybe }: Versions): Judgement {
  const now = known.get(least);
  const stood =
    expected === 0 ? least === 0 || isDeletion(now) : least === expected && now !== undefined && !isDeletion(now);
  const next = known.get(least + 1);
  const moved = (next !== undefined && next.begun < ended) || maybe(least + 1);
  if (stood && !moved) return wrong(`a write based on revision ${expected} was refused, and it was at that revision`);
  return fine(null);
}

const isDeletion = (version: Version | undefined): boolean => version?.content === null;
