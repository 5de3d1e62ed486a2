import { subjectOn, type Both, type SubjectOn } from "@stellaops/testkit/module";
import type { Schedule, SchedulerRepositories } from "../../src/index.ts";
import { schedule } from "../samples.ts";

/** Values are tried in schedules. */
export type On = SubjectOn<SchedulerRepositories, Schedule>;

export const schedulesOn = (on: Both<SchedulerRepositories>): On =>
  subjectOn(on, { make: schedule, of: ({ schedules }) => schedules, payload: "selection" });
