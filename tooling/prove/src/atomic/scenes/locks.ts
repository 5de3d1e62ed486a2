import { setTimeout as wait } from "node:timers/promises";
import type { SchedulerRepositories } from "@stellaops/scheduler";
import type { Call, Plain } from "../call.ts";
import type { Caller } from "../caller.ts";
import { judgeHolds, type Given, type Used } from "../holds.ts";
import { answered } from "../rounds.ts";
import type { Scene } from "../scene.ts";
import { everything } from "../stored.ts";

const keys = ["feeds", "reports", "retention"];
const leaseMs = 400;

type Told = { readonly token: number } | null;
/** Each holding has a holder of its own: the same one would be given the lock again while it has it. */
type Asked = { readonly holder: string; readonly at: number; readonly until: number };
type Uses = { readonly holder: string; readonly token: number; readonly until?: number };

const asTold = (answer: Plain): Told => answer as Told;

export const locks: Scene<SchedulerRepositories> = {
  claim: "a lock has one holder at a time, its token only grows, and an older one is refused",
  callers: 2,
  holds: "lock",
  refusals: [],
  least: { "refused to older tokens": 1 },
  prepare: async () => {},

  async work(caller) {
    for (let turn = 0; caller.going; turn += 1) {
      await hold(caller, caller.random.pick(keys), `${caller.name}#${turn}`);
      await wait(caller.random.below(20));
    }
  },

  async judge(calls, scope) {
    const given = answered(
      calls.filter(({ verb }) => verb === "acquire"),
      asTold,
    ).flatMap(givenOf);
    const used = calls.flatMap(usedOf);
    const held = judgeHolds({ given, used });
    const broken = [...held.broken];
    for (const { lockKey, fencingToken } of await everything((request) => scope.locks.list(request))) {
      const most = Math.max(0, ...given.filter(({ key }) => key === lockKey).map(({ number }) => number));
      if (Number(fencingToken) < most)
        broken.push(`${lockKey}: token ${most} was given, and ${fencingToken} is stored`);
    }
    return { broken, counts: { tokens: given.length, "refused to older tokens": held.late } };
  },
};

async function hold(caller: Caller<SchedulerRepositories>, key: string, holder: string): Promise<void> {
  const { random } = caller;
  const { locks: table } = caller.scope;
  const lease = () => {
    const at = caller.now();
    return { at, until: new Date(at.getTime() + leaseMs) };
  };
  const asked = lease();
  const args: Asked = { holder, at: asked.at.getTime(), until: asked.until.getTime() };
  const told = await caller.call("acquire", key, args, async (): Promise<Told> => {
    const held = await table.acquire({ key, id: caller.ids.next(), holder, ...asked });
    return held === null ? null : { token: Number(held.token) };
  });
  if ("refused" in told || told.answer === null) return;
  const { token } = told.answer;
  const holding = { key, holder, token: BigInt(token) };
  caller.holds(`lock ${key}`);
  // Now and then longer than the lease: the holder does not know that another has the lock.
  await wait(random.chance(0.05) ? leaseMs * 1.5 : random.below(30));
  if (random.chance(0.5)) {
    const longer = lease();
    const uses: Uses = { holder, token, until: longer.until.getTime() };
    const kept = await caller.call("renew", key, uses, () => table.renew({ ...holding, ...longer }));
    if ("answer" in kept && !kept.answer) caller.holds(`no more lock ${key}`);
    await wait(random.below(20));
  }
  if (random.chance(0.1)) return;
  const left = await caller.call("release", key, { holder, token }, () =>
    table.release({ ...holding, at: caller.now() }),
  );
  if ("answer" in left && !left.answer) caller.holds(`no more lock ${key}`);
}

function givenOf({ key, args, begun, end, told }: Call & { readonly told: Told }): readonly Given[] {
  if (told === null) return [];
  const { holder: by, ...lease } = args as Asked;
  return [{ key, number: told.token, by, ...lease, begun, ended: end?.at ?? begun }];
}

function usedOf({ verb, key, args, begun, end }: Call): readonly Used[] {
  if (verb !== "renew" && verb !== "release") return [];
  const { holder: by, token: number, ...more } = args as Uses;
  const outcome = end === null ? "open" : "answer" in end && end.answer === true ? "done" : "refused";
  return [{ key, number, by, verb, begun, outcome, ...more, ...(verb === "release" ? { freeFrom: 0 } : {}) }];
}
