import { refuseIllegalMove, type Move, type Moves } from "@stellaops/kernel";

export const runStates = ["planning", "queued", "running", "completed", "failed", "canceled"] as const;
export type RunState = (typeof runStates)[number];

const moves: Moves<RunState> = {
  planning: ["queued", "failed", "canceled"],
  queued: ["running", "failed", "canceled"],
  running: ["completed", "failed", "canceled"],
  completed: [],
  failed: [],
  canceled: [],
};

export const hasEnded = (state: RunState): boolean => moves[state].length === 0;

/** @throws `RUN_TRANSITION` (conflict) */
export const refuseRunMove = (move: Move<RunState>): void =>
  refuseIllegalMove(moves, move, { code: "RUN_TRANSITION", one: "run" });
