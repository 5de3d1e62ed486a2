import { createHash } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { EscalationState, NotifyRepositories } from "@stellaops/notify";
import type { Call, Plain } from "../call.ts";
import type { Caller } from "../caller.ts";
import { judgeOnce } from "../once.ts";
import { answered, byKey, idOf, open } from "../rounds.ts";
import type { Scene } from "../scene.ts";

const dayMs = 86_400_000;
const hashOf = (round: number): string => createHash("sha256").update(`token ${round}`).digest("hex");

const asFlag = (answer: Plain): boolean => answer as boolean;

export const escalations: Scene<NotifyRepositories> = {
  claim: "an incident is escalated once at a time, and a token acknowledges it once",
  callers: 1,
  holds: null,
  // The id of one that has been acknowledged meanwhile.
  refusals: ["REVISION_CONFLICT"],
  least: { acknowledged: 1, "refused to others": 1 },
  prepare: async () => {},

  async work(caller) {
    // The first in any case: what was not tried has not been shown.
    for (let round = 0; caller.going || round === 0; round += 1) {
      await start(caller, round);
      for (let tries = 0; tries < 2; tries += 1) {
        await caller.call("acknowledge", idOf(round), null, async () => {
          const ack = { tokenHash: hashOf(round), at: caller.now() };
          return (await caller.scope.escalationStates.acknowledge(ack)) !== null;
        });
        await wait(caller.random.below(10));
      }
    }
  },

  async judge(calls, { escalationStates }) {
    const broken: string[] = [];
    const starts = byKey(calls, "start");
    const acks = byKey(calls, "acknowledge");
    let acknowledged = 0;
    for (const [id, own] of acks) {
      const stored = await escalationStates.get(id);
      broken.push(
        ...judgeOnce(`escalation ${id}`, starts.get(id) ?? [], stored?.id),
        ...judgeToken(own, stored).map((sentence) => `escalation ${id}: ${sentence}`),
      );
      if (stored?.status === "acknowledged") acknowledged += 1;
    }
    const others = answered([...acks.values()].flat(), asFlag).filter(({ told }) => !told).length;
    return { broken, counts: { acknowledged, "refused to others": others } };
  },
};

const start = (caller: Caller<NotifyRepositories>, round: number) =>
  caller.call("start", idOf(round), null, async () => {
    const at = caller.now();
    const until = new Date(at.getTime() + dayMs);
    const { state, created } = await caller.scope.escalationStates.start({
      id: idOf(round),
      policyId: idOf(0),
      incidentId: idOf(round),
      step: { stage: 0, nextAt: until },
      ack: { hash: hashOf(round), expiresAt: until },
      at,
    });
    return { id: state.id, created };
  });

function judgeToken(calls: readonly Call[], stored: EscalationState | null): readonly string[] {
  const winners = answered(calls, asFlag).filter(({ told }) => told);
  const broken: string[] = [];
  if (winners.length > 1) broken.push(`its token worked ${winners.length} times`);
  if (winners.length > 0 && stored?.status !== "acknowledged")
    broken.push(`it was acknowledged, and is stored as ${stored?.status}`);
  if (winners.length === 0 && stored?.status === "acknowledged" && open(calls).length === 0)
    broken.push("it is stored as acknowledged, and nobody was told so");
  if (stored?.status === "acknowledged" && stored.ackTokenHash !== null) broken.push("its token is still there");
  return broken;
}
