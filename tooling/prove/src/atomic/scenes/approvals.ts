import { setTimeout as wait } from "node:timers/promises";
import type { NotifyRepositories } from "@stellaops/notify";
import type { Plain } from "../call.ts";
import { judgeContest, judgeOnce } from "../once.ts";
import { answered, byKey, idOf } from "../rounds.ts";
import type { Scene } from "../scene.ts";

const decisions = ["approved", "rejected"] as const;

const asFlag = (answer: Plain): boolean => answer as boolean;

export const approvals: Scene<NotifyRepositories> = {
  claim: "of all who decide on a request one does",
  callers: 1,
  holds: null,
  // The id of one that has been decided meanwhile.
  refusals: ["REVISION_CONFLICT"],
  least: { decided: 1, "refused to others": 1 },
  prepare: async () => {},

  async work(caller) {
    const { packApprovals } = caller.scope;
    // The first in any case: what was not tried has not been shown.
    for (let round = 0; caller.going || round === 0; round += 1) {
      const id = idOf(round);
      const there = await caller.call("request", id, null, async () => {
        const asked = { id, packId: "a pack", version: `${round}`, requestedBy: caller.name, at: caller.now() };
        const { approval, created } = await packApprovals.request(asked);
        return { id: approval.id, created };
      });
      // To decide on what is not there says nothing.
      if ("refused" in there && there.refused !== "REVISION_CONFLICT") continue;
      const state = caller.random.pick(decisions);
      for (let tries = 0; tries < 2; tries += 1) {
        await caller.call("decide", id, state, async () => {
          const decision = { id, state, by: caller.name, reason: null, at: caller.now() };
          return (await packApprovals.decide(decision)) !== null;
        });
        await wait(caller.random.below(10));
      }
    }
  },

  async judge(calls, { packApprovals }) {
    const broken: string[] = [];
    const asked = byKey(calls, "request");
    const decided = byKey(calls, "decide");
    for (const [id, own] of decided) {
      const stored = await packApprovals.get(id);
      const holder = stored?.decidedBy ?? null;
      const other = answered(own, asFlag).find((call) => call.told && call.args !== stored?.state);
      broken.push(
        ...judgeOnce(`request ${id}`, asked.get(id) ?? [], stored?.id),
        ...judgeContest(`the decision of ${id}`, { calls: own, won: asFlag, holder }),
      );
      if (other !== undefined)
        broken.push(`${id} was ${JSON.stringify(other.args)}, and is stored as ${stored?.state}`);
    }
    const told = answered([...decided.values()].flat(), asFlag);
    const won = told.filter((call) => call.told).length;
    return { broken, counts: { decided: won, "refused to others": told.length - won } };
  },
};
