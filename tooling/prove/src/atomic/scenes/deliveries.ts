import { setTimeout as wait } from "node:timers/promises";
import type { NotifyRepositories } from "@stellaops/notify";
import { judgeOnce } from "../once.ts";
import { byKey, idOf } from "../rounds.ts";
import type { Scene } from "../scene.ts";
import { everything } from "../stored.ts";
import { jobRefusals, judgeJobs, workOnJobs, type Queue } from "./jobs.ts";

type Table = NotifyRepositories["deliveries"];

export const deliveries: Scene<NotifyRepositories> = {
  claim: "asked for however often, a message is one delivery, which one sender at a time has and one sends",
  callers: 2,
  holds: "job",
  refusals: jobRefusals,
  least: { completed: 1 },
  prepare: async () => {},

  async work(caller) {
    for (let round = 0; caller.going;) {
      // A message that all ask for, or one of its own.
      const key = caller.random.chance(0.5) ? idOf((round += 1)) : caller.ids.next();
      await caller.call("enqueue", key, null, async () => {
        const asked = { id: caller.ids.next(), idempotencyKey: key, at: caller.now(), ...message };
        const { delivery, created } = await caller.scope.deliveries.enqueue(asked);
        return { id: delivery.id, created };
      });
      await workOnJobs(caller, queueOf(caller.scope.deliveries));
      await wait(caller.random.below(10));
    }
  },

  async judge(calls, { deliveries: table }) {
    const stored = await everything((request) => table.list(request));
    const of = new Map(stored.map(({ id, attempt, status }) => [id, { attempts: Number(attempt), status }]));
    const held = judgeJobs(calls, of, "sent");
    const asked = byKey(calls, "enqueue");
    const deliveryOf = new Map(stored.map(({ idempotencyKey, id }) => [idempotencyKey, id]));
    const broken = [...asked].flatMap(([key, own]) => judgeOnce(`the delivery of ${key}`, own, deliveryOf.get(key)));
    if (deliveryOf.size < stored.length)
      broken.push(`${stored.length} deliveries are stored of ${deliveryOf.size} keys`);
    return { broken: [...held.broken, ...broken], counts: { messages: asked.size, ...held.counts } };
  },
};

/** A job that is completed when it is sent. */
const queueOf = (table: Table): Queue => ({
  claim: async (request) => (await table.claim(request)).map(({ id, attempt }) => ({ id, attempts: attempt })),
  heartbeat: (ref, lease) => table.heartbeat(ref, lease),
  complete: (ref, { at }) => table.markSent(ref, { response: null, at }),
  fail(ref, { error, at, retryAt }) {
    const baseMs = (retryAt?.getTime() ?? 0) - at.getTime();
    return table.markFailed(ref, { error, at, backoff: { baseMs, factor: 1, maxMs: baseMs, attempts: 1_000_000 } });
  },
  requeueExpired: (at, limit) => table.requeueExpired(at, limit),
});

const message = {
  ruleId: idOf(0),
  channelId: idOf(0),
  eventId: "an event",
  payloadHash: "0".repeat(64),
  rendered: null,
};
