import { setTimeout as wait } from "node:timers/promises";
import type { AuthorityRepositories, User } from "@stellaops/authority";
import type { Plain } from "../call.ts";
import { answered, byKey, idOf, open } from "../rounds.ts";
import type { Scene } from "../scene.ts";

const rule = { threshold: 7, lockForMs: 3_600_000 };
const nameOf = (round: number): string => `user-${round}`;

type Told = { readonly failures: number; readonly locked: boolean; readonly until: string | null } | null;

const asTold = (answer: Plain): Told => answer as Told;

export const lockout: Scene<AuthorityRepositories> = {
  claim: "failed logins lock a user at exactly the threshold, and each is counted once",
  callers: 3,
  holds: null,
  refusals: ["REVISION_CONFLICT"],
  least: { "locked users": 1 },
  prepare: async () => {},

  async work(caller) {
    const { users } = caller.scope;
    // The first is locked in any case: what was not tried has not been shown.
    for (let round = 0; caller.going || round === 0;) {
      const username = nameOf(round);
      const told = await caller.call("fail", username, null, async (): Promise<Told> => {
        const user = await users.recordFailure({ username }, rule, caller.now());
        if (user === null) return null;
        const { failedAttempts, status, lockedUntil } = user;
        return {
          failures: Number(failedAttempts),
          locked: status === "locked",
          until: lockedUntil?.toISOString() ?? null,
        };
      });
      if ("answer" in told && told.answer === null)
        await caller.call("create", username, null, async () => {
          await users.put(userOf(round, caller.now()), 0n);
          return null;
        });
      else if ("answer" in told && told.answer?.locked === true) round += 1;
      await wait(caller.random.below(10));
    }
  },

  async judge(calls, { users }) {
    const broken: string[] = [];
    const attempts = byKey(calls, "fail");
    let locked = 0;
    for (const [key, own] of attempts) {
      const told = answered(own, asTold).flatMap((call) => (call.told === null ? [] : [call.told]));
      const stored = await users.findByUsername(key);
      if (stored === null) continue;
      const counted = Number(stored.failedAttempts);
      const maybe = open(own).length;
      if (counted < told.length || counted > told.length + maybe)
        broken.push(
          `${key}: ${told.length} failures were acknowledged and ${maybe} not answered, and ${counted} are stored`,
        );
      if (new Set(told.map(({ failures }) => failures)).size < told.length)
        broken.push(`${key}: two failures were told the same count`);
      const wrong = told.find((one) => one.locked !== one.failures >= rule.threshold);
      if (wrong !== undefined)
        broken.push(
          `${key} was ${wrong.locked ? "locked" : "not locked"} at failure ${wrong.failures} of ${rule.threshold}`,
        );
      if (new Set(told.filter((one) => one.locked).map(({ until }) => until)).size > 1)
        broken.push(`${key}: a later failure moved the end of the lock`);
      if ((stored.status === "locked") !== counted >= rule.threshold)
        broken.push(`${key} is stored as ${stored.status} after ${counted} failures of ${rule.threshold}`);
      if (stored.status === "locked") locked += 1;
    }
    return { broken, counts: { "locked users": locked } };
  },
};

const userOf = (round: number, now: Date): User => ({
  id: idOf(round),
  username: nameOf(round),
  email: null,
  displayName: null,
  passwordHash: null,
  status: "active",
  failedAttempts: 0n,
  lockedUntil: null,
  lastLoginAt: null,
  attributes: {},
  roles: [],
  createdAt: now,
  updatedAt: now,
});
