import { setTimeout as wait } from "node:timers/promises";
import type { NotifyRepositories, ThrottleConfig } from "@stellaops/notify";
import type { Call, Plain } from "../call.ts";
import { answered, byKey, idOf, open } from "../rounds.ts";
import type { Scene } from "../scene.ts";

const [limit, windowSeconds] = [3, 1];
/** Calls of each caller. */
const least = 20;
const scopes = ["chat", "mail", "pager"];

interface Told {
  readonly allowed: boolean;
  readonly left: number;
  readonly resetsAt: number;
}
interface Asked {
  readonly n: number;
  readonly at: number;
}
const asTold = (answer: Plain): Told & Plain => answer as Told & Plain;
const askedOf = ({ args }: Call): Asked => args as unknown as Asked;

export const throttles: Scene<NotifyRepositories> = {
  claim: "no more events pass in a window than its limit, and none is held back while some are left",
  callers: 1,
  holds: null,
  refusals: [],
  least: { "windows used up": 1 },

  async prepare({ throttleConfigs }, at) {
    for (const [i, scopeId] of scopes.entries()) {
      const scope = { scopeKind: "channel", scopeId } as const;
      await throttleConfigs.configure({ id: idOf(i), ...scope, windowSeconds, maxEvents: BigInt(limit), at });
    }
  },

  async work(caller) {
    // So often in any case that something is held back: what was not tried has not been shown.
    for (let turn = 0; caller.going || turn < least; turn += 1) {
      const scopeId = caller.random.pick(scopes);
      const [n, at] = [1 + caller.random.below(2), caller.now()];
      await caller.call("consume", scopeId, { n, at: at.getTime() }, async () => {
        const asked = { scopeKind: "channel", scopeId, n: BigInt(n), at } as const;
        const consumed = await caller.scope.throttleConfigs.tryConsume(asked);
        const { allowed = true, left = -1n, resetsAt = at } = consumed ?? {};
        return { allowed, left: Number(left), resetsAt: resetsAt.getTime() };
      });
      await wait(caller.random.below(20));
    }
  },

  async judge(calls, { throttleConfigs }) {
    const broken: string[] = [];
    let [windows, usedUp] = [0, 0];
    for (const [scopeId, own] of byKey(calls, "consume")) {
      const maybe = sum(open(own));
      const told = Map.groupBy(answered(own, asTold), (call) => call.told.resetsAt);
      const stored = await throttleConfigs.findByScope("channel", scopeId);
      for (const [resetsAt, window] of told) {
        const passed = sum(window.filter((call) => call.told.allowed));
        broken.push(
          ...judgeWindow(window, passed, maybe).map((sentence) => `${scopeId} until ${resetsAt}: ${sentence}`),
        );
        if (resetsAt === endOf(stored) && (Number(stored?.events) < passed || Number(stored?.events) > passed + maybe))
          broken.push(`${scopeId}: ${passed} passed in its last window, and ${stored?.events} are stored`);
        windows += 1;
        if (passed === limit) usedUp += 1;
      }
    }
    return { broken, counts: { windows, "windows used up": usedUp } };
  },
};

type Window = readonly (Call & { readonly told: Told })[];

/** `passed`: as its callers were told; `maybe`: of those who were not answered, in whichever window. */
function judgeWindow(window: Window, passed: number, maybe: number): readonly string[] {
  const broken: string[] = [];
  if (passed > limit) broken.push(`${passed} passed, and the limit is ${limit}`);
  const allowed = window.filter(({ told }) => told.allowed);
  if (new Set(allowed.map(({ told: { left } }) => left)).size < allowed.length)
    broken.push("two were told that the same number is left");
  const without = window.find((call) => !call.told.allowed && passed + maybe + askedOf(call).n <= limit);
  if (without !== undefined) broken.push(`${askedOf(without).n} were held back, and ${limit - passed} were left`);
  const late = window.find((call) => askedOf(call).at >= call.told.resetsAt);
  if (late !== undefined) broken.push("an event of after it was counted in it");
  return broken;
}

const sum = (calls: readonly Call[]): number => calls.reduce((total, call) => total + askedOf(call).n, 0);
const endOf = (config: ThrottleConfig | null): number => (config?.windowStart?.getTime() ?? 0) + windowSeconds * 1_000;
