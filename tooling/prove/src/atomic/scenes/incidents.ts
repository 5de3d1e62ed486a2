import { setTimeout as wait } from "node:timers/promises";
import type { Incident, NotifyRepositories } from "@stellaops/notify";
import type { Call, Plain } from "../call.ts";
import type { Caller } from "../caller.ts";
import { answered, byKey, open } from "../rounds.ts";
import type { Scene } from "../scene.ts";
import { everything } from "../stored.ts";

const events = 6;
const keyOf = (round: number): string => `incident ${round}`;

interface Told {
  readonly id: string;
  readonly count: number;
  readonly created: boolean;
}
const asTold = (answer: Plain): Told & Plain => answer as Told & Plain;

export const incidents: Scene<NotifyRepositories> = {
  claim: "events of one key are counted into one incident that is open, each once",
  callers: 1,
  holds: null,
  refusals: [],
  least: { "counted together": 1 },
  prepare: async () => {},

  async work(caller) {
    // The first in any case: what was not tried has not been shown.
    for (let round = 0; caller.going || round === 0; round += 1) await correlate(caller, round);
  },

  async judge(calls, { incidents: table }) {
    const stored = Map.groupBy(await everything((request) => table.list(request)), (one) => one.correlationKey);
    const all = byKey(calls, "correlate");
    const broken = [...all].flatMap(([key, own]) =>
      judgeKey(own, stored.get(key) ?? []).map((sentence) => `${key}: ${sentence}`),
    );
    const counted = [...stored.values()].flat().filter(({ eventCount }) => eventCount > 1n);
    return { broken, counts: { keys: all.size, "counted together": counted.length } };
  },
};

async function correlate(caller: Caller<NotifyRepositories>, round: number): Promise<void> {
  const { incidents: table } = caller.scope;
  const { random } = caller;
  const correlationKey = keyOf(round);
  for (let n = 0; n < events; n += 1) {
    const at = caller.now();
    const told = await caller.call("correlate", correlationKey, at.getTime(), async () => {
      const event = { id: caller.ids.next(), correlationKey, title: correlationKey, severity: "high", at } as const;
      const { incident, created } = await table.correlate(event);
      return { id: incident.id, count: Number(incident.eventCount), created };
    });
    if ("answer" in told && random.chance(0.1))
      await caller.call("acknowledge", told.answer.id, null, async () => {
        await table.acknowledge(told.answer.id, caller.now());
        return null;
      });
    if ("answer" in told && random.chance(0.05))
      await caller.call("resolve", told.answer.id, null, async () => {
        await table.resolve(told.answer.id, caller.now());
        return null;
      });
    await wait(random.below(5));
  }
}

function judgeKey(calls: readonly Call[], stored: readonly Incident[]): readonly string[] {
  const told = answered(calls, asTold);
  const maybe = open(calls);
  const broken: string[] = [];
  const counted = stored.reduce((sum, { eventCount }) => sum + Number(eventCount), 0);
  if (counted < told.length || counted > told.length + maybe.length)
    broken.push(`${told.length} events were acknowledged and ${maybe.length} not answered, and ${counted} are stored`);
  const unresolved = stored.filter(({ status }) => status !== "resolved").length;
  if (unresolved > 1) broken.push(`${unresolved} incidents are open at once`);
  const counts = new Set(told.map(({ told: { id, count } }) => `${id} ${count}`));
  if (counts.size < told.length) broken.push("two events were told the same count");
  const wrong = told.find(({ told: { created, count } }) => created !== (count === 1));
  if (wrong !== undefined)
    broken.push(`event ${wrong.told.count} was told that it opened the incident, or the first that it did not`);
  for (const { id, firstSeenAt, lastSeenAt } of stored) {
    const own = told.filter((call) => call.told.id === id).map(({ args }) => Number(args));
    const [first, last] = [Math.min(...own), Math.max(...own)];
    const others = maybe.map(({ args }) => Number(args));
    const seen = (at: Date, bound: number) => at.getTime() === bound || others.includes(at.getTime());
    if (own.length > 0 && !(seen(firstSeenAt, first) && seen(lastSeenAt, last)))
      broken.push(`${id} was not seen first and last when its first and its last event were`);
  }
  return broken;
}
