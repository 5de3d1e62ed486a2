import { oddKeys, refusal, valueHazards } from "@stellaops/testkit/module";
import { expect } from "vitest";
import { graphJob, line, noon } from "../samples.ts";
import type { On } from "./on.ts";

/** What a single value meets on its way in and out. */
export const values = (on: On) => {
  const { both, roundTrip } = on;
  return valueHazards(on, {
    texts: ["name", "createdBy"],
    max: 200,
    nullable: "limits",
    instants: ["createdAt", "updatedAt"],
    beside: {
      "U+0000 in text or a key": async () => {
        expect(await roundTrip({ subscribers: ["a", "\0"] })).toMatchObject({ error: "VALUE_NUL" });
      },
      "−0": async () => {
        expect(await roundTrip({ misfireGraceSeconds: -0 })).toMatchObject({ value: { misfireGraceSeconds: 0 } });
      },
      "integers beyond 2^53": async () => {
        const last = line({ sequence: 2n ** 63n - 1n });
        const read = await both(async ({ executionLogs }) => {
          await executionLogs.append([last]);
          return executionLogs.tail(last.runId, 2n ** 63n - 2n);
        });
        expect(read).toMatchObject({ value: { items: [{ sequence: 9_223_372_036_854_775_807n }] } });
        const above = line({ sequence: 2n ** 63n });
        expect(await both(({ executionLogs }) => executionLogs.append([above]))).toMatchObject(
          refusal("VALUE_OUT_OF_RANGE", "sequence"),
        );
      },
      'keys "", "a.b", "$x"': async () => {
        const job = graphJob({ payload: oddKeys });
        const changed = await both(async ({ graphJobs }) => {
          await graphJobs.insert(job);
          const to = { expected: "queued", status: "failed", event: oddKeys, payload: { $inc: oddKeys } } as const;
          return graphJobs.tryReplace({ id: job.id, ...to, at: noon });
        });
        expect(changed).toMatchObject({ value: { payload: { $inc: oddKeys }, events: [{}, { payload: oddKeys }] } });
      },
    },
  });
};
