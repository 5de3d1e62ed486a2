import type { Outcome } from "@stellaops/testkit";
import type { Both } from "@stellaops/testkit/module";
import type { Schedule, SchedulerRepositories } from "../../src/index.ts";
import { schedule } from "../samples.ts";

export interface On extends Both<SchedulerRepositories> {
  /** Puts a schedule and reads it back, on both. */
  roundTrip(over: Partial<Schedule>): Promise<Outcome>;
  /** The same of a payload. */
  json(value: unknown): Promise<Outcome>;
}

export function schedulesOn(on: Both<SchedulerRepositories>): On {
  const roundTrip: On["roundTrip"] = (over) => {
    const one = schedule(over);
    return on.both(async ({ schedules }) => {
      await schedules.put(one, 0n);
      return schedules.get(one.id);
    });
  };
  return { ...on, roundTrip, json: (value) => roundTrip({ selection: value }) };
}

export const refusal = (error: string, path: string) => ({ error, family: "data", path });
