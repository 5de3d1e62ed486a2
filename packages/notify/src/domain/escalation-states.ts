import { codeOf, dataError, isDataLayerError, normalise, normaliseKey, unclaimed } from "@stellaops/kernel";
import { escalationStates, type EscalationState } from "../aggregates.ts";
import type { AckToken, Advance, EscalationStart } from "../repositories/escalation-states.ts";
import type { Step } from "./escalation.ts";

/** Nobody is told any more, and no token works. */
const over = { nextAt: null, ackTokenHash: null, ackExpiresAt: null, ...unclaimed } as const;

/** An active escalation has a stage, from 0 on, that is due at some time. @throws `VALUE_…` (data) */
function stepOf({ stage, nextAt }: Step) {
  const step = normaliseKey(escalationStates, { stage, nextAt });
  if (step.stage >= 0) return step;
  throw dataError("VALUE_OUT_OF_RANGE", "escalation state: stage is below 0, the first", {
    details: { path: "stage" },
  });
}

/** @throws `VALUE_…`, `SECRET_PLAIN` (data) */
const tokenOf = ({ hash, expiresAt }: AckToken) =>
  normaliseKey(escalationStates, { ackTokenHash: hash, ackExpiresAt: expiresAt });

/** Normalised, so that what is wrong is refused also when one is active. @throws `VALUE_…`, `SECRET_PLAIN` (data) */
export const startedEscalation = ({ step, ack, at, ...start }: EscalationStart): EscalationState =>
  normalise(escalationStates, {
    ...start,
    ...stepOf(step),
    status: "active",
    ...(ack === null ? { ackTokenHash: null, ackExpiresAt: null } : tokenOf(ack)),
    attempts: 0n,
    ...unclaimed,
    createdAt: at,
    updatedAt: at,
  });

/** For `.catch` of a start: a token that another escalation has is no race, and no retry changes it. */
export function takenToken(error: unknown): never {
  const cause = isDataLayerError(error) ? error.cause : null;
  const taken = isDataLayerError(cause) && cause.details["constraint"] === "uq_escalation_states_ack_token_hash";
  throw codeOf(error) === "RACED" && taken ? cause : error;
}

/** What is left of a claim whose stage was told. @throws `VALUE_…`, `SECRET_PLAIN` (data) */
export function advanced({ next, ack }: Advance) {
  if (next === null) return { set: { status: "expired" as const, ...over } };
  return { set: { ...stepOf(next), ...(ack === undefined ? {} : tokenOf(ack)) } };
}

/** @throws `VALUE_…`, `SECRET_PLAIN` (data) */
export function cleanAck(ack: { readonly tokenHash: string; readonly at: Date }) {
  const { ackTokenHash, updatedAt } = normaliseKey(escalationStates, {
    ackTokenHash: ack.tokenHash,
    updatedAt: ack.at,
  });
  return { tokenHash: ackTokenHash, at: updatedAt };
}

export const acknowledgedEscalation = (at: Date) => ({ ...over, status: "acknowledged" as const, updatedAt: at });

export const resolvedEscalation = (id: string, at: Date) => ({
  where: { id },
  unless: { status: "resolved" as const },
  set: { status: "resolved" as const, ...over, updatedAt: at },
});
