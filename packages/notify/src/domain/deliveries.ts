import {
  failure,
  normalise,
  normaliseKey,
  retryAt,
  unclaimed,
  type ClaimRef,
  type Settlement,
} from "@stellaops/kernel";
import { deliveries, deliveryQueue, type Delivery } from "../aggregates.ts";
import type { DeliveryTransition, Enqueue, NotSent, Sent } from "../repositories/deliveries.ts";
import { refuseDeliveryMove } from "./delivery-states.ts";

/** Normalised, so that what is wrong is refused also when the delivery is there already. @throws `VALUE_…` (data) */
export const queuedDelivery = ({ dueAt, at, ...asked }: Enqueue): Delivery =>
  normalise(deliveries, {
    ...asked,
    status: "queued",
    attempt: 0n,
    response: null,
    error: null,
    nextAttemptAt: dueAt ?? at,
    sentAt: null,
    ...unclaimed,
    createdAt: at,
    updatedAt: at,
  });

export const sent = ({ response, at }: Sent): Settlement => ({
  at,
  set: { response, error: null, sentAt: at },
  to: "sent",
});

/** @throws `VALUE_…` (data) */
export function notSent({ attempt }: ClaimRef, { error, at, backoff }: NotSent): Settlement {
  normaliseKey(deliveries, { updatedAt: at });
  return failure(deliveryQueue, { error, at, retryAt: retryAt(backoff, attempt, at) });
}

/** @throws `VALUE_…` (data) */
export function acknowledged(given: string, at: Date) {
  const { id, updatedAt } = normaliseKey(deliveries, { id: given, updatedAt: at });
  return { id, at: updatedAt };
}

/** What a move without a claim is guarded by and writes. @throws `DELIVERY_TRANSITION` (conflict), `VALUE_CHOICE` (data) */
export function movedDelivery({ id, from, to, at }: DeliveryTransition) {
  refuseDeliveryMove({ from, to });
  return {
    where: { id, status: from },
    set: {
      status: to,
      ...(to === "queued" ? { nextAttemptAt: at } : {}),
      ...(to === "sent" ? { sentAt: at } : {}),
      updatedAt: at,
    },
  };
}
