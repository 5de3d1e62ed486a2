import { setTimeout as wait } from "node:timers/promises";
import type { AuthorityRepositories, License } from "@stellaops/authority";
import type { Call, Plain } from "../call.ts";
import type { Caller } from "../caller.ts";
import { answered, byKey, idOf, open, refused } from "../rounds.ts";
import type { Scene } from "../scene.ts";

const limit = 60;
const [metric, period] = ["scans", "2026"];
const keyOf = (round: number): string => `license ${round}`;

type Told = { readonly used: number; readonly left: number };

const asTold = (answer: Plain): Told => answer as Told;

export const consume: Scene<AuthorityRepositories> = {
  claim: "a license is never used beyond its limit, and no use that was told is forgotten",
  callers: 3,
  holds: null,
  refusals: ["REVISION_CONFLICT", "LICENSE_EXHAUSTED", "LICENSE_MISSING"],
  least: { "used up": 1 },
  prepare: async () => {},

  async work(caller) {
    // The first is used up in any case: what was not tried has not been shown.
    await useUp(caller, 0, () => true);
    for (let round = 1; caller.going; round += 1) await useUp(caller, round, () => caller.going);
  },

  async judge(calls, { licenses }) {
    const broken: string[] = [];
    const attempts = byKey(calls, "consume");
    let [acknowledged, usedUp] = [0, 0];
    for (const [key, own] of attempts) {
      const stored = await licenses.findByKey(key);
      const used = Number(stored?.usage.find((one) => one.metric === metric && one.period === period)?.used ?? 0n);
      const told = answered(own, asTold);
      const [known, maybe] = [sum(told), sum(open(own))];
      acknowledged += told.length;
      if (used === limit) usedUp += 1;
      if (used > limit) broken.push(`${key} was used ${used} times, and its limit is ${limit}`);
      if (known > limit) broken.push(`${known} uses of ${key} were acknowledged, and its limit is ${limit}`);
      if (used < known || used > known + maybe)
        broken.push(`${known} uses of ${key} were acknowledged and ${maybe} not answered, and ${used} are stored`);
      const totals = new Set(told.map((one) => one.told.used));
      if (totals.size < told.length) broken.push(`two uses of ${key} were told the same total`);
      const without = refused(own, "LICENSE_EXHAUSTED").find((call) => used + nOf(call) <= limit);
      if (without !== undefined) broken.push(`${nOf(without)} of ${key} were refused, and ${limit - used} were left`);
    }
    return { broken, counts: { licenses: attempts.size, "used up": usedUp, uses: acknowledged } };
  },
};

/** Until nothing is left. */
async function useUp(caller: Caller<AuthorityRepositories>, round: number, going: () => boolean): Promise<void> {
  for (let n = 1 + caller.random.below(3); going();) {
    const told = await caller.call("consume", keyOf(round), { n }, async (): Promise<Told> => {
      const asked = { licenseKey: keyOf(round), metric, period, n: BigInt(n), at: caller.now() };
      const { used, left } = await caller.scope.licenses.consume(asked);
      return { used: Number(used), left: Number(left) };
    });
    if ("refused" in told && told.refused === "LICENSE_MISSING")
      await caller.call("create", keyOf(round), null, async () => {
        await caller.scope.licenses.put(licenseOf(round, caller.now()), 0n);
        return null;
      });
    else if ("refused" in told ? n === 1 : told.answer.left === 0) return;
    else n = "refused" in told ? 1 : 1 + caller.random.below(3);
    await wait(caller.random.below(10));
  }
}

const nOf = ({ args }: Call): number => (args as { readonly n: number }).n;
const sum = (calls: readonly Call[]): number => calls.reduce((total, call) => total + nOf(call), 0);

const licenseOf = (round: number, now: Date): License => ({
  id: idOf(round),
  licenseKey: keyOf(round),
  tier: "trial",
  features: [],
  limits: { [metric]: limit },
  validFrom: new Date("2000-01-01T00:00:00Z"),
  validTo: new Date("2100-01-01T00:00:00Z"),
  status: "active",
  usage: [],
  createdAt: now,
  updatedAt: now,
});
