import { refuseIllegalMove, type Move, type Moves } from "@stellaops/kernel";

export const deliveryStatuses = [
  "queued",
  "sending",
  "sent",
  "delivered",
  "failed",
  "acknowledged",
  "digested",
  "throttled",
] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** Moves that no claim makes. `sending` is given by a claim alone, which comes with a lease, and left by what settles it. */
const moves: Moves<DeliveryStatus> = {
  queued: ["digested", "throttled", "failed"],
  sending: [],
  sent: ["delivered", "failed"],
  delivered: [],
  failed: ["queued"],
  acknowledged: [],
  digested: ["queued", "sent", "failed"],
  throttled: ["queued", "failed"],
};

/** Neither waiting nor being sent: these alone are purged. What was held back for so long is not sent any more. */
export const purgedStatuses = ["sent", "delivered", "failed", "acknowledged", "digested", "throttled"] as const;

/** @throws `DELIVERY_TRANSITION` (conflict), `VALUE_CHOICE` (data) */
export const refuseDeliveryMove = (move: Move<DeliveryStatus>): void =>
  refuseIllegalMove(moves, move, { code: "DELIVERY_TRANSITION", one: "delivery" });
