import { dataError, normalise, normalisePart, refuseIllegalMove, type Moves } from "@stellaops/kernel";
import { evaluationRuns, type EvaluationRun } from "../aggregates.ts";
import type { Completion, EvaluationStart } from "../repositories/evaluation-runs.ts";
import { determinismHash, type EvaluationInputs } from "./hashes.ts";

const moves: Moves<EvaluationRun["state"]> = {
  running: ["completed", "failed", "canceled"],
  completed: [],
  failed: [],
  canceled: [],
};

/** @throws `VALUE_…` (data) */
export const startedRun = ({ at, ...start }: EvaluationStart): EvaluationRun =>
  normalise(evaluationRuns, {
    ...start,
    state: "running",
    startedAt: at,
    finishedAt: null,
    passed: 0n,
    warned: 0n,
    blocked: 0n,
    ignored: 0n,
    error: null,
    createdAt: at,
    updatedAt: at,
  });

/** @throws `EVALUATION_STATE` (conflict), `VALUE_CHOICE`, `VALUE_OUT_OF_RANGE` (data) */
export function ended({ id, state, passed, warned, blocked, ignored, error = null, at }: Completion) {
  refuseIllegalMove(moves, { from: "running", to: state }, { code: "EVALUATION_STATE", one: "evaluation run" });
  const counts = normalisePart(evaluationRuns, { passed, warned, blocked, ignored });
  for (const [path, count] of Object.entries(counts))
    if (count < 0n) throw dataError("VALUE_OUT_OF_RANGE", `evaluation_run: ${path} is below 0`, { details: { path } });
  return {
    where: { id, state: "running" as const },
    set: { state, ...counts, error, finishedAt: at, updatedAt: at },
  };
}

/** The hash by which runs of equal inputs are found. @throws `VALUE_…` (data) */
export const sameInputs = ({ packVersion, sbomDigest, feedSnapshot, vexCursor }: EvaluationInputs): string =>
  determinismHash(normalisePart(evaluationRuns, { packVersion, sbomDigest, feedSnapshot, vexCursor }));
