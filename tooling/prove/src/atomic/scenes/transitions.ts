import { setTimeout as wait } from "node:timers/promises";
import type { Run, SchedulerRepositories } from "@stellaops/scheduler";
import type { Call, Plain } from "../call.ts";
import type { Told } from "../caller.ts";
import { answered, byKey, idOf, open } from "../rounds.ts";
import type { Scene } from "../scene.ts";

type State = Run["state"];
const states: readonly State[] = ["planning", "queued", "running", "completed", "failed", "canceled"];
/** Written down here again, so that a wrong table in the product does not judge itself. */
const legal: Readonly<Record<State, readonly State[]>> = {
  planning: ["queued", "failed", "canceled"],
  queued: ["running", "failed", "canceled"],
  running: ["completed", "failed", "canceled"],
  completed: [],
  failed: [],
  canceled: [],
};
const isEnd = (state: State): boolean => legal[state].length === 0;

type Move = { readonly from: State; readonly to: State };

const asState = (answer: Plain): State | null => answer as State | null;
const asFlag = (answer: Plain): boolean => answer as boolean;

export const transitions: Scene<SchedulerRepositories> = {
  claim: "a run makes each move of its life once, and no other",
  callers: 2,
  holds: null,
  refusals: ["RUN_TRANSITION", "REVISION_CONFLICT"],
  least: { "illegal moves tried": 1 },
  prepare: async () => {},

  async work(caller) {
    const { runs } = caller.scope;
    const { random } = caller;
    for (let round = 1; caller.going; round += 1) {
      const id = idOf(round);
      const begun = await caller.call("start", id, null, async () => {
        const none = { scheduleId: null, fireAt: null, retryOf: null };
        const { created } = await runs.start({ id, ...none, triggerKind: "manual", reason: {}, at: caller.now() });
        return created;
      });
      let state: State = "planning";
      // A run that somebody else has made is at whatever state; a few tries lead to its end.
      for (let tries = 0; tries < 12 && caller.going && !isEnd(state); tries += 1) {
        const from: State = random.chance(0.7) ? state : random.pick(states);
        const to: State = random.chance(0.7) && !isEnd(from) ? random.pick(legal[from]) : random.pick(states);
        const told: Told<State | null> = await caller.call(
          "move",
          id,
          { from, to },
          async (): Promise<State | null> => {
            const moved = await runs.transition({ id, from, to, at: caller.now() });
            return moved?.state ?? null;
          },
        );
        if ("answer" in told && told.answer !== null) state = told.answer;
        else if ("answer" in told && from === state) {
          const now = await caller.call("look", id, null, async () => (await runs.get(id))?.state ?? null);
          if ("answer" in now && now.answer !== null) state = now.answer;
        }
        await wait(random.below(5));
      }
      if ("refused" in begun) await wait(5);
    }
  },

  async judge(calls, { runs }) {
    const broken: string[] = [];
    const moves = byKey(calls, "move");
    let [made, illegal] = [0, 0];
    for (const [id, own] of moves) {
      const stored = (await runs.get(id))?.state;
      const told = answered(own, asState).filter((call) => call.told !== null);
      made += told.length;
      illegal += own.filter((call) => !legal[moveOf(call).from].includes(moveOf(call).to)).length;
      broken.push(...judgeRun(told, open(own), stored).map((sentence) => `run ${id}: ${sentence}`));
    }
    for (const [id, own] of byKey(calls, "start"))
      if (answered(own, asFlag).filter(({ told }) => told).length > 1) broken.push(`run ${id} was made twice`);
    return { broken, counts: { runs: moves.size, moves: made, "illegal moves tried": illegal } };
  },
};

const moveOf = ({ args }: Call): Move => args as unknown as Move;

function judgeRun(told: readonly Call[], unanswered: readonly Call[], stored: State | undefined): readonly string[] {
  const broken: string[] = [];
  const made = told.map(moveOf);
  const maybe = unanswered.map(moveOf).filter(({ from, to }) => legal[from].includes(to));
  for (const { from, to } of made) if (!legal[from].includes(to)) broken.push(`it went from ${from} to ${to}`);
  for (const state of states) {
    const left = made.filter(({ from }) => from === state);
    const reached = state === "planning" || [...made, ...maybe].some(({ to }) => to === state);
    if (left.length > 1) broken.push(`it left ${state} ${left.length} times`);
    if (left.length > 0 && !reached) broken.push(`it left ${state}, where nobody had brought it`);
    if (state !== stored) continue;
    if (left.length > 0) broken.push(`it is stored as ${state}, which it had left`);
    if (!reached) broken.push(`it is stored as ${state}, where nobody had brought it`);
  }
  return broken;
}
