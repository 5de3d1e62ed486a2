import { setTimeout as wait } from "node:timers/promises";
import type { PolicyRepositories, RiskProfile } from "@stellaops/policy";
import type { Call, Plain } from "../call.ts";
import type { Caller } from "../caller.ts";
import { answered, byKey, idOf, open } from "../rounds.ts";
import type { Scene } from "../scene.ts";
import { everything } from "../stored.ts";

const versions = ["1", "2", "3"];
const activations = 4;
const keyOf = (round: number): string => `profile ${round}`;

const asVersion = (answer: Plain): string | null => answer as string | null;

export const profiles: Scene<PolicyRepositories> = {
  claim: "of the versions of a profile exactly one is in force, from the first that was put into force on",
  callers: 1,
  holds: null,
  refusals: ["REVISION_CONFLICT", "UNIQUE_VIOLATION"],
  least: { activations: 1, "put as in force in vain": 1 },
  prepare: async () => {},

  async work(caller) {
    // The first in any case: what was not tried has not been shown.
    for (let round = 0; caller.going || round === 0; round += 1) await contend(caller, round);
  },

  async judge(calls, { riskProfiles }) {
    const activated = byKey(calls, "activate");
    const found = byKey(calls, "find");
    const broken: string[] = [];
    for (const [key, own] of activated) {
      const stored = await everything((request) => riskProfiles.history(key, request));
      const inForce = stored.filter(({ isActive }) => isActive).map(({ version }) => version);
      broken.push(
        ...judgeEnd(own, inForce).map((sentence) => `${key}: ${sentence}`),
        ...judgeLooks(own, found.get(key) ?? []).map((sentence) => `${key}: ${sentence}`),
      );
    }
    const inVain = calls.filter(({ verb, end }) => verb === "put in force" && end !== null && "refused" in end);
    const made = [...activated.values()].flatMap((own) => answered(own, asVersion));
    return { broken, counts: { activations: made.length, "put as in force in vain": inVain.length } };
  },
};

/** Every caller puts all versions, one of them as if it were in force, and then another and another into force. */
async function contend(caller: Caller<PolicyRepositories>, round: number): Promise<void> {
  const { riskProfiles } = caller.scope;
  const key = keyOf(round);
  for (const [i, version] of versions.entries())
    await caller.call("put", key, version, async () => {
      const id = idOf(round * versions.length + i);
      await riskProfiles.put(profileOf({ id, profileId: key, version, isActive: false }, caller.now()), 0n);
      return null;
    });
  for (let turn = 0; turn < activations; turn += 1) {
    const version = caller.random.pick(versions);
    await caller.call("activate", key, version, async () => {
      const stored = await riskProfiles.activate({ profileId: key, version, at: caller.now() });
      return stored?.version ?? null;
    });
    await caller.call("find", key, null, async () => (await riskProfiles.findActive(key))?.version ?? null);
    await wait(caller.random.below(10));
  }
  await caller.call("put in force", key, null, async () => {
    const own = { id: caller.ids.next(), profileId: key, version: caller.name, isActive: true };
    await riskProfiles.put(profileOf(own, caller.now()), 0n);
    return null;
  });
}

function judgeEnd(calls: readonly Call[], inForce: readonly string[]): readonly string[] {
  const told = answered(calls, asVersion).filter((call) => call.told !== null);
  if (inForce.length > 1) return [`versions ${inForce.join(", ")} are in force at once`];
  const [last] = inForce;
  if (last === undefined) return told.length > 0 ? ["none is in force, after one was put into force"] : [];
  if (open(calls).some(({ args }) => args === last)) return [];
  const asked = told.filter((call) => call.told === last);
  const latest = Math.max(0, ...asked.map(({ end }) => end?.at ?? 0));
  const after = told.find((call) => call.told !== last && call.begun > latest);
  return after === undefined ? [] : [`${last} is in force, and ${after.told} was put into force after it`];
}

function judgeLooks(calls: readonly Call[], looks: readonly Call[]): readonly string[] {
  const first = Math.min(
    ...answered(calls, asVersion).map(({ told, end }) => (told === null ? Infinity : (end?.at ?? 0))),
  );
  const none = answered(looks, asVersion).filter(({ told, begun }) => told === null && begun > first);
  return none.length > 0 ? [`none was in force ${none.length} times, after one had been put into force`] : [];
}

const profileOf = (own: Pick<RiskProfile, "id" | "profileId" | "version" | "isActive">, now: Date): RiskProfile => ({
  ...own,
  parentId: null,
  weights: { severity: 1 },
  overrides: {},
  createdAt: now,
  updatedAt: now,
});
