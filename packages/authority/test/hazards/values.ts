import { refusal, valueHazards } from "@stellaops/testkit/module";
import { expect } from "vitest";
import { noon } from "../samples.ts";
import type { On } from "./on.ts";

/** What a single value meets on its way in and out. */
export const values = (on: On) => {
  const { both, roundTrip, licensed } = on;
  return valueHazards(on, {
    texts: ["username", "displayName"],
    max: 200,
    nullable: "email",
    instants: ["lastLoginAt", "lockedUntil"],
    beside: {
      "U+0000 in text or a key": async () => {
        const usage = [{ metric: "\0", period: "p", used: 0n }];
        expect(await licensed({ usage })).toMatchObject(refusal("VALUE_NUL", "usage.0.metric"));
      },
      "NaN, ±Infinity in JSON": async () => {
        const limits = { scans: Infinity };
        expect(await licensed({ limits })).toMatchObject(refusal("VALUE_NOT_FINITE", "limits.scans"));
      },
      "−0": async () => {
        expect(await licensed({ limits: { scans: -0 } })).toMatchObject({ value: { limits: { scans: 0 } } });
      },
      "integers beyond 2^53": async () => {
        const usage = [{ metric: "scans", period: "p", used: 2n ** 63n - 1n }];
        expect(await licensed({ usage })).toMatchObject({ value: { usage } });
        expect(await roundTrip({ failedAttempts: 2n ** 63n })).toMatchObject(
          refusal("VALUE_OUT_OF_RANGE", "failedAttempts"),
        );
        expect(await licensed({ limits: { scans: 2 ** 53 } })).toMatchObject(refusal("VALUE_INVALID", "limits"));
      },
      "invalid Date": async () => {
        const never = new Date(Number.NaN);
        expect(await both(({ tokens }) => tokens.purgeExpired(never, 1))).toMatchObject(
          refusal("VALUE_DATE", "expiresAt"),
        );
      },
      // As names of metrics odd keys are part of an update: licenses.consume in the contract suite.
      "string length": async () => {
        // Folded it takes more code points than it has.
        const wide = "\u0130".repeat(200);
        expect(await roundTrip({ username: wide, createdAt: noon })).toMatchObject({ value: { username: wide } });
        expect(await both(({ users }) => users.findByUsername(wide))).toMatchObject({ value: { username: wide } });
      },
    },
  });
};
