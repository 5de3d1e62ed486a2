import { sha256 } from "@stellaops/kernel";
import { ids, keys } from "../pools.ts";
import { acquiring, claim, entry } from "../samples.ts";
import { approval, delivery, escalation, event, item, message, throttleLimit } from "./samples.ts";
import type { Pair, Step } from "../steps.ts";

export const hashOf = (key: string): string => sha256(key);

/** Of each id and key. */
export const workSteps = ({ id, key }: Pair): readonly Step[] => [
  ["deliveries.enqueue", delivery({ id, ruleId: id, channelId: id, idempotencyKey: key })],
  ["digests.addItem", item({ id, actionKey: key })],
  ["escalationStates.start", escalation({ id, policyId: id, incidentId: id, ack: ackOf(key) })],
  ["inbox.put", message({ id, userId: key }), 0n],
  ["incidents.correlate", event({ id, correlationKey: key })],
  ["packApprovals.request", approval({ id, packId: key })],
  ["throttleConfigs.configure", throttleLimit({ id, scopeId: key })],
  ["locks.acquire", acquiring({ id, key })],
  ["audit.append", [entry({ id, targetId: key })]],
];
const ackOf = (key: string) => ({ hash: hashOf(key), expiresAt: new Date("2026-03-01T12:02:00.000Z") });

const first = { limit: 1, holder: keys[0]!, claimId: ids[0]! };
/** What is claimed by the first holder. */
export const workThen: readonly Step[] = [
  ["deliveries.claim", claim(first)],
  [
    "digests.flushDue",
    claim({ ...first, at: new Date("2026-03-01T12:05:00.000Z"), until: new Date("2026-03-01T12:06:00.000Z") }),
  ],
  ["escalationStates.claimDue", claim(first)],
];
