import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escalationNext, escalationStart, stagesOf } from "../src/index.ts";
import { minute, newId, noon } from "./samples.ts";

const refusal = (stages: unknown) => {
  try {
    stagesOf({ stages });
    return "none";
  } catch (error) {
    const { code, details } = error as { readonly code: string; readonly details: { readonly path: string } };
    return `${code} ${details.path}`;
  }
};

describe("escalation", () => {
  it("each stage is due its delay after the one before was told, the first after the start; after the last none is", () => {
    const delays = fc.array(fc.nat(100_000), { minLength: 1, maxLength: 8 });
    const lateness = fc.array(fc.nat(1_000_000), { minLength: 8, maxLength: 8 });
    const property = fc.property(delays, lateness, (seconds, late) => {
      const stages = stagesOf({ stages: seconds.map((delaySeconds) => ({ delaySeconds, channelIds: [newId()] })) });
      let at = noon.getTime();
      let step = escalationStart(stages, noon);
      const told: number[] = [];
      for (const [i, delay] of seconds.entries()) {
        expect(step).toEqual({ stage: i, nextAt: new Date(at + delay * 1_000) });
        // Claimed so much later than it was due.
        at += delay * 1_000 + (late[i] ?? 0);
        told.push(step.stage);
        const next = escalationNext(stages, step.stage, new Date(at));
        if (next === null) break;
        step = next;
      }
      expect(told).toEqual(seconds.map((_, i) => i));
      expect(escalationNext(stages, seconds.length - 1, new Date(at))).toBeNull();
    });
    expect(() => fc.assert(property, { numRuns: 200, seed: 20_260_301 })).not.toThrow();
  });

  it("a stage without a delay is due at once", () => {
    const stages = stagesOf({ stages: [0, 60].map((delaySeconds) => ({ delaySeconds, channelIds: [newId()] })) });
    expect(escalationStart(stages, noon).nextAt).toEqual(noon);
    expect(escalationNext(stages, 0, noon)).toEqual({ stage: 1, nextAt: minute(1) });
  });

  it("channels of a stage are sorted, and each is there once", () => {
    const [a, b] = [newId(), newId()].toSorted();
    expect(stagesOf({ stages: [{ delaySeconds: 0, channelIds: [b, a, b] }] })[0].channelIds).toEqual([a, b]);
  });

  it.each([
    [null, "stages"],
    [[], "stages"],
    [Array.from({ length: 51 }, () => ({ delaySeconds: 0, channelIds: [newId()] })), "stages"],
    [[null], "stages.0"],
    [[{ delaySeconds: -1, channelIds: [newId()] }], "stages.0.delaySeconds"],
    [[{ delaySeconds: 1.5, channelIds: [newId()] }], "stages.0.delaySeconds"],
    [[{ delaySeconds: 31_536_001, channelIds: [newId()] }], "stages.0.delaySeconds"],
    [[{ delaySeconds: 0, channelIds: [] }], "stages.0.channelIds"],
    [[{ delaySeconds: 0, channelIds: ["ops"] }], "stages.0.channelIds"],
    [[{ delaySeconds: 0, channelIds: [newId()], until: 1 }], "stages.0"],
  ])("refuses %j", (stages, path) => expect(refusal(stages)).toBe(`ESCALATION_STAGES ${path}`));
});
