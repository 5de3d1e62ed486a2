import type { NotifyRepositories } from "@stellaops/notify";
import { overridden } from "../../overridden.ts";
import { aheadOf, each, later } from "../breaking.ts";
import type { Sabotages } from "../scene.ts";

const [tenthItem, tenthEvent] = [each(10), each(10)];
const ahead = aheadOf();

export const notify: Sabotages<NotifyRepositories> = {
  "second-delivery": {
    breaks: "asking for a delivery makes a new one, whichever key it is asked under",
    place: "mongo",
    scenes: ["deliveries"],
    change: ({ deliveries }) => ({
      deliveries: overridden(deliveries, {
        enqueue: (asked) => deliveries.enqueue({ ...asked, idempotencyKey: asked.id }),
      }),
    }),
  },
  "delivery-for-two": {
    breaks: "who claims a delivery first takes back those whose leases still run",
    place: "postgres",
    scenes: ["deliveries"],
    change: ({ deliveries }) => ({
      deliveries: overridden(deliveries, {
        claim: (request) => deliveries.requeueExpired(later(request.at), 100).then(() => deliveries.claim(request)),
      }),
    }),
  },
  "lost-item": {
    breaks: "every tenth item is acknowledged and not stored",
    place: "postgres",
    scenes: ["digests"],
    change: ({ digests }) => ({
      digests: overridden(digests, {
        addItem: (item) =>
          tenthItem()
            ? Promise.resolve({ digestId: item.id, windowStart: item.at, itemCount: 1n, opened: true })
            : digests.addItem(item),
      }),
    }),
  },
  "unsent-item": {
    breaks: "a flusher is given a digest as it was before its last item",
    place: "mongo",
    scenes: ["digests"],
    change: ({ digests }) => ({
      digests: overridden(digests, {
        flushDue: async (request) =>
          (await digests.flushDue(request)).map((digest) => ({
            ...digest,
            items: (digest.items as readonly string[]).slice(0, -1),
          })),
      }),
    }),
  },
  "digest-for-two": {
    breaks: "every second flusher takes digests as if their leases had run out",
    place: "mongo",
    scenes: ["digests"],
    change: ({ digests }) => ({
      digests: overridden(digests, { flushDue: (request) => digests.flushDue(ahead(request)) }),
    }),
  },
  "uncounted-event": {
    breaks: "every tenth event of an incident is acknowledged and not counted",
    place: "postgres",
    scenes: ["incidents"],
    change: ({ incidents }) => ({
      incidents: overridden(incidents, {
        async correlate(event) {
          const told = await incidents.correlate(event);
          if (!tenthEvent()) return told;
          return { ...told, incident: { ...told.incident, eventCount: told.incident.eventCount + 1n } };
        },
      }),
    }),
  },
  "token-twice": {
    breaks: "a token that has acknowledged an escalation does so again",
    place: "mongo",
    scenes: ["escalations"],
    change: ({ escalationStates }) => ({
      escalationStates: overridden(escalationStates, {
        acknowledge: async (ack) => (await escalationStates.acknowledge(ack)) ?? ({ status: "acknowledged" } as never),
      }),
    }),
  },
  "beyond-window": {
    breaks: "what is held back because the window is full passes",
    place: "postgres",
    scenes: ["throttles"],
    change: ({ throttleConfigs }) => ({
      throttleConfigs: overridden(throttleConfigs, {
        async tryConsume(asked) {
          const told = await throttleConfigs.tryConsume(asked);
          return told === null ? null : { ...told, allowed: true };
        },
      }),
    }),
  },
  "decided-twice": {
    breaks: "who decides on a request that has been decided is told that it is done",
    place: "postgres",
    scenes: ["approvals"],
    change: ({ packApprovals }) => ({
      packApprovals: overridden(packApprovals, {
        decide: async (decision) => (await packApprovals.decide(decision)) ?? ({ state: decision.state } as never),
      }),
    }),
  },
};
