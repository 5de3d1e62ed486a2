import { setTimeout as wait } from "node:timers/promises";
import type { Digest, NotifyRepositories } from "@stellaops/notify";
import type { Call, Plain } from "../call.ts";
import type { Caller } from "../caller.ts";
import { claimsOf, givenOf, type Claimed } from "../claimed.ts";
import { fasterBy } from "../fast.ts";
import { judgeHolds, type Used } from "../holds.ts";
import { answered, open, outcomeOf } from "../rounds.ts";
import type { Scene } from "../scene.ts";
import { everything } from "../stored.ts";

const keys = ["summary", "findings", "builds"];
/** A window of five minutes is over twice a second. */
const speed = 600;
const fast = fasterBy(speed);
const leaseMs = 400 * speed;

interface Flushed extends Claimed {
  readonly items: readonly Plain[];
}
interface Gathered {
  readonly digest: string;
  readonly count: number;
}
const asGathered = (answer: Plain): Gathered & Plain => answer as Gathered & Plain;

export const digests: Scene<NotifyRepositories> = {
  claim: "what is added to a digest is in one of them, and goes out with it once",
  callers: 1,
  holds: "job",
  refusals: ["CLAIM_LOST"],
  least: { closed: 1 },
  prepare: async () => {},

  async work(caller) {
    // Until one was closed in any case: what was not tried has not been shown.
    let closed = false;
    for (let n = 0; caller.going || !closed; n += 1) {
      await add(caller, `${caller.name}#${n}`);
      if (caller.random.chance(0.3)) closed = (await flush(caller)) || closed;
      await wait(caller.random.below(10));
    }
  },

  async judge(calls, { digests: table }) {
    const stored = await everything((request) => table.list(request));
    const held = judgeHolds({ given: givenOf(calls), used: calls.flatMap(usedOf) });
    const broken = [...held.broken, ...judgeItems(calls, stored), ...judgeSent(calls, stored)];
    const closed = stored.filter(({ status }) => status === "closed").length;
    const items = stored.reduce((sum, { itemCount }) => sum + Number(itemCount), 0);
    return { broken, counts: { items, closed, "refused to late flushers": held.late } };
  },
};

const add = (caller: Caller<NotifyRepositories>, item: string) =>
  caller.call("add", item, null, async () => {
    const where = { actionKey: caller.random.pick(keys), window: "5m" } as const;
    const asked = { id: caller.ids.next(), ...where, item, at: fast(caller.now()) };
    const { digestId, itemCount } = await caller.scope.digests.addItem(asked);
    return { digest: digestId, count: Number(itemCount) };
  });

/** True: it has closed one. */
async function flush(caller: Caller<NotifyRepositories>): Promise<boolean> {
  const { random } = caller;
  const { digests: table } = caller.scope;
  const at = fast(caller.now());
  const until = new Date(at.getTime() + leaseMs);
  const told = await caller.call("claim", "due", { at: at.getTime(), until: until.getTime() }, async () => {
    const claim = { limit: 1 + random.below(2), holder: caller.name, at, until, claimId: caller.ids.next() };
    return (await table.flushDue(claim)).map(({ id, attempts, items }) => ({
      id,
      attempt: Number(attempts),
      items: items as readonly Plain[],
    }));
  });
  let closed = false;
  for (const { id, attempt } of "answer" in told ? told.answer : []) {
    caller.holds("job");
    // Now and then longer than the lease: the flusher does not know that another has the digest.
    await wait(random.chance(0.05) ? (1.5 * leaseMs) / speed : random.below(20));
    if (random.chance(0.1)) continue;
    const ref = { id, holder: caller.name, attempt: BigInt(attempt) };
    const ended = await caller.call("close", id, { attempt }, async () => {
      await table.close(ref, { at: fast(caller.now()) });
      return null;
    });
    closed ||= "answer" in ended;
  }
  return closed;
}

/** Each item is in one digest. */
function judgeItems(calls: readonly Call[], stored: readonly Digest[]): readonly string[] {
  const adds = calls.filter(({ verb }) => verb === "add");
  const told = answered(adds, asGathered);
  const digestsOf = Map.groupBy(
    stored.flatMap(({ id, items }) => (items as readonly string[]).map((item) => ({ id, item }))),
    ({ item }) => item,
  );
  const broken: string[] = [];
  for (const { key, told: where } of told) {
    const there = digestsOf.get(key) ?? [];
    if (there.length !== 1) broken.push(`${key} was added, and is stored ${there.length} times`);
    else if (there[0]?.id !== where.digest)
      broken.push(`${key} was added to ${where.digest}, and is in ${there[0]?.id}`);
  }
  for (const { key } of open(adds)) {
    const there = digestsOf.get(key) ?? [];
    if (there.length > 1) broken.push(`${key} is stored ${there.length} times`);
  }
  const places = new Set(told.map(({ told: { digest, count } }) => `${digest} ${count}`));
  if (places.size < told.length) broken.push("two items were told the same place in one digest");
  for (const { id, items, itemCount } of stored)
    if ((items as readonly Plain[]).length !== Number(itemCount))
      broken.push(`digest ${id} has lost count of its items`);
  return broken;
}

/** What a flusher was given is what the digest holds that it closed. */
function judgeSent(calls: readonly Call[], stored: readonly Digest[]): readonly string[] {
  const given = new Map(
    claimsOf(calls).flatMap(({ told }) =>
      (told as unknown as readonly Flushed[]).map(({ id, attempt, items }) => [`${id} ${attempt}`, items]),
    ),
  );
  const held = new Map(stored.map(({ id, items, status }) => [id, { items, status }]));
  return calls.flatMap((call) => {
    if (call.verb !== "close" || outcomeOf(call) !== "done") return [];
    const { attempt } = call.args as { readonly attempt: number };
    const sent = given.get(`${call.key} ${attempt}`) ?? [];
    const is = held.get(call.key);
    if (is?.status !== "closed") return [`${call.key} was closed, and is stored as ${is?.status}`];
    const same = JSON.stringify(sent) === JSON.stringify(is.items);
    return same ? [] : [`${call.key} was closed with ${sent.length} items, and others are stored in it`];
  });
}

function usedOf(call: Call): readonly Used[] {
  const { verb, key, by, args, begun } = call;
  if (verb !== "close") return [];
  const { attempt } = args as { readonly attempt: number };
  return [{ key, number: attempt, by, verb, begun, outcome: outcomeOf(call), final: true, freeFrom: 0 }];
}
