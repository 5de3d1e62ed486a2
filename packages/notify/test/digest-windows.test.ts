import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { digestWindow, digestWindows, nextDigestWindow } from "../src/index.ts";

const lengths = { instant: 0, "5m": 300_000, "15m": 900_000, "1h": 3_600_000, "1d": 86_400_000 };
const instant = fc.date({ min: new Date("1900-01-01"), max: new Date("2200-01-01"), noInvalidDate: true });

/** The window of that length, counted from midnight UTC by adding it up. */
function plainWindow(length: number, at: Date) {
  let start = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate());
  while (start + length <= at.getTime()) start += length;
  return { start: new Date(start), end: new Date(start + length) };
}

describe("digest windows", () => {
  it.each(digestWindows.filter((window) => window !== "instant"))("%s: as counted from midnight UTC", (window) => {
    const property = fc.property(instant, (at) => {
      const found = digestWindow(window, at);
      expect(found).toEqual(plainWindow(lengths[window], at));
      expect(digestWindow(window, new Date(found.end.getTime() - 1))).toEqual(found);
      expect(digestWindow(window, found.end)).toEqual(nextDigestWindow(window, found.start));
      expect(nextDigestWindow(window, found.start).start).toEqual(found.end);
    });
    expect(() => fc.assert(property, { numRuns: 300, seed: 20_260_301 })).not.toThrow();
  });

  it("instant: due at once, and the next a millisecond later", () => {
    const at = new Date("2026-03-01T12:00:00.123Z");
    expect(digestWindow("instant", at)).toEqual({ start: at, end: at });
    expect(nextDigestWindow("instant", at).start).toEqual(new Date("2026-03-01T12:00:00.124Z"));
  });
});
