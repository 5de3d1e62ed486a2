import { setTimeout as wait } from "node:timers/promises";
import { hashReference, type AuthorityRepositories, type Token } from "@stellaops/authority";
import type { Plain } from "../call.ts";
import type { Caller } from "../caller.ts";
import { judgeContest } from "../once.ts";
import { answered, byKey, idOf } from "../rounds.ts";
import type { Scene } from "../scene.ts";

/** How many of one process ask for the first token, and how many of them at once: more than its connections. */
const [crowd, atOnce] = [252, 3];
const mostTries = 10;
const referenceOf = (round: number): string => hashReference(`reference ${round}`);

type Told = { readonly refused: string | null };

const asTold = (answer: Plain): Told => answer as Told;
const won = (answer: Plain): boolean | null => {
  const { refused } = asTold(answer);
  return refused === null ? true : refused === "redeemed" ? false : null;
};

export const redeem: Scene<AuthorityRepositories> = {
  claim: "a token is redeemed by exactly one",
  callers: 3,
  holds: null,
  refusals: ["REVISION_CONFLICT"],
  least: { "callers of one token": 1_000 },
  prepare: async ({ tokens }, now) => void (await tokens.put(tokenOf(0, now), 0n)),

  async work(caller) {
    await Promise.all(Array.from({ length: atOnce }, (_, i) => askInTurn(caller, i)));
    for (let round = 1; caller.going; round += 1) {
      const told = await redeemOne(caller, round);
      if ("answer" in told && told.answer.refused === "missing") {
        await caller.call("create", `token ${round}`, null, async () => {
          await caller.scope.tokens.put(tokenOf(round, caller.now()), 0n);
          return null;
        });
        await redeemOne(caller, round);
      }
      await wait(caller.random.below(30));
    }
  },

  async judge(calls, { tokens }) {
    const broken: string[] = [];
    const attempts = byKey(calls, "redeem");
    for (const [key, own] of attempts) {
      const stored = await tokens.findByReference(referenceOf(Number(key.split(" ")[1])));
      broken.push(...judgeContest(key, { calls: own, won, holder: stored?.redeemedBy ?? null }));
    }
    const most = Math.max(0, ...[...attempts.values()].map((own) => answered(own, asTold).length));
    return { broken, counts: { tokens: attempts.size, "callers of one token": most } };
  },
};

/** A part of the crowd. Whoever was not answered asks again. */
async function askInTurn(caller: Caller<AuthorityRepositories>, from: number): Promise<void> {
  for (let i = from; i < crowd / redeem.callers; i += atOnce)
    for (let tries = 0; tries < mostTries && "refused" in (await redeemOne(caller, 0));) tries += 1;
}

const redeemOne = (caller: Caller<AuthorityRepositories>, round: number) =>
  caller.call("redeem", `token ${round}`, null, async () => {
    const { refused } = await caller.scope.tokens.redeemOnce({
      referenceHash: referenceOf(round),
      by: caller.name,
      at: caller.now(),
    });
    return { refused };
  });

const tokenOf = (round: number, now: Date): Token => ({
  id: idOf(round),
  tokenId: `token-${round}`,
  kind: "authorization_code",
  referenceHash: referenceOf(round),
  subject: "somebody",
  clientId: "a client",
  scopes: [],
  status: "valid",
  issuedAt: now,
  expiresAt: new Date(now.getTime() + 86_400_000),
  redeemedAt: null,
  redeemedBy: null,
  revokedAt: null,
  revokedReason: null,
  payload: {},
  createdAt: now,
  updatedAt: now,
});
