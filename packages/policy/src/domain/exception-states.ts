import { refuseIllegalMove, type Move, type Moves } from "@stellaops/kernel";

export const exceptionStatuses = ["draft", "staged", "active", "revoked", "expired"] as const;
export type ExceptionStatus = (typeof exceptionStatuses)[number];

/** By `transition`; `revoke` and `expireDue` end what has not ended. */
const moves: Moves<ExceptionStatus> = {
  draft: ["staged"],
  staged: ["active"],
  active: [],
  revoked: [],
  expired: [],
};

/** @throws `EXCEPTION_TRANSITION` (conflict), `VALUE_CHOICE` (data) */
export const refuseExceptionMove = (move: Move<ExceptionStatus>): void =>
  refuseIllegalMove(moves, move, { code: "EXCEPTION_TRANSITION", one: "exception" });
