import type { Run } from "../aggregates.ts";
import type { RunStart, Transition } from "../repositories/runs.ts";
import { hasEnded, refuseRunMove } from "./run-states.ts";

export const startedRun = ({ at, ...start }: RunStart): Run => ({
  ...start,
  state: "planning",
  stats: {},
  startedAt: null,
  finishedAt: null,
  error: null,
  summarisedAt: null,
  createdAt: at,
  updatedAt: at,
});

/** What a transition is guarded by and writes. @throws `RUN_TRANSITION` (conflict) */
export function moved({ id, from, to, at, stats, error }: Transition) {
  refuseRunMove({ from, to });
  return {
    where: { id, state: from },
    set: {
      state: to,
      updatedAt: at,
      ...(to === "running" ? { startedAt: at } : {}),
      ...(hasEnded(to) ? { finishedAt: at } : {}),
      ...(stats === undefined ? {} : { stats }),
      ...(error === undefined ? {} : { error }),
    },
  };
}

/** Once for each run that has ended and has a schedule. */
export const summarised = (id: string, at: Date) => ({
  where: { id, summarisedAt: null },
  unless: { finishedAt: null, scheduleId: null },
  set: { summarisedAt: at, updatedAt: at },
});
