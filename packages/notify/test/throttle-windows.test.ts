import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { throttle } from "../src/domain/throttle-windows.ts";

describe("throttle windows", () => {
  it("against a plain reference: whole windows from the first on, never more than the maximum in one", () => {
    const asked = fc.array(
      fc.record({ ms: fc.integer({ min: -3_000, max: 8_000 }), n: fc.bigInt({ min: 1n, max: 4n }) }),
    );
    const property = fc.property(
      fc.integer({ min: 1, max: 3 }),
      fc.bigInt({ min: 0n, max: 6n }),
      asked,
      (seconds, max, all) => {
        const length = seconds * 1_000;
        let state = { windowStart: new Date(0), windowSeconds: seconds, maxEvents: max, events: 0n };
        // What each window has taken; the latest window that was seen takes what a clock that went back brings.
        const taken = new Map<number, bigint>();
        let [now, latest] = [0, 0];
        for (const { ms, n } of all) {
          now = Math.max(now + ms, 0);
          latest = Math.max(latest, Math.trunc(now / length));
          const before = taken.get(latest) ?? 0n;
          const fits = before + n <= max;
          if (fits) taken.set(latest, before + n);
          const found = throttle(state, n, new Date(now));
          expect(found).toEqual({
            allowed: fits,
            left: max - (taken.get(latest) ?? 0n),
            resetsAt: new Date((latest + 1) * length),
            windowStart: new Date(latest * length),
            events: taken.get(latest) ?? 0n,
          });
          state = { ...state, windowStart: found.windowStart, events: found.events };
        }
        expect([...taken.values()].every((events) => events <= max)).toBe(true);
      },
    );
    expect(() => fc.assert(property, { numRuns: 300, seed: 20_260_301 })).not.toThrow();
  });

  it("a maximum that was lowered below what was taken leaves none, and not less", () => {
    const state = { windowStart: new Date(0), windowSeconds: 60, maxEvents: 2n, events: 5n };
    expect(throttle(state, 1n, new Date(1))).toMatchObject({ allowed: false, left: 0n, events: 5n });
    expect(throttle(state, 2n, new Date(60_000))).toMatchObject({ allowed: true, left: 0n, events: 2n });
  });
});
