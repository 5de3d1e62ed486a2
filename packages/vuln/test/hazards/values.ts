import { nested, oddKeys, refusal, valueHazards } from "@stellaops/testkit/module";
import { expect } from "vitest";
import { noon, source, sourceState } from "../samples.ts";
import type { On } from "./on.ts";

/** What a single value meets on its way in and out. */
export const values = (on: On) => ({ ...shared(on), ...decimals(on) });

const shared = (on: On) => {
  const { both, roundTrip } = on;
  return valueHazards(on, {
    texts: ["primaryId", "title", "summary"],
    max: 200,
    nullable: "summary",
    instants: ["publishedAt", "modifiedAt"],
    beside: {
      "U+0000 in text or a key": async () => {
        expect(await roundTrip({ credits: [{ name: "a", kind: null, contact: ["\0"] }] })).toMatchObject(
          refusal("VALUE_NUL", "credits.0.contact.0"),
        );
      },
      "−0": async () => {
        const zero = source({ key: "zero", priority: -0 });
        expect(await both(({ sources }) => sources.put(zero, 0n))).toEqual({ value: 1n });
        expect(await both(({ sources }) => sources.findByKey("zero"))).toMatchObject({ value: { priority: 0 } });
      },
      "integers beyond 2^53": async () => {
        const state = sourceState({ failures: 2n ** 63n - 1n });
        const read = await both(async ({ sourceStates }) => {
          await sourceStates.put(state, 0n);
          return sourceStates.findBySource(state.sourceId);
        });
        expect(read).toMatchObject({ value: { failures: 9_223_372_036_854_775_807n } });
        const above = sourceState({ failures: 2n ** 63n });
        expect(await both(({ sourceStates }) => sourceStates.put(above, 0n))).toMatchObject(
          refusal("VALUE_OUT_OF_RANGE", "failures"),
        );
      },
      'keys "", "a.b", "$x"': async () => {
        const state = sourceState();
        const advanced = await both(async ({ sourceStates }) => {
          await sourceStates.put(state, 0n);
          return sourceStates.advanceCursor({ sourceId: state.sourceId, expected: 1n, cursor: oddKeys, at: noon });
        });
        expect(advanced).toMatchObject({ value: { cursor: oddKeys } });
      },
      "nesting depth": async () => {
        // The deepest place a payload stands in: inside a child, inside its root.
        const at = (depth: number) => [
          { ecosystem: "", package: "", purl: null, ranges: nested(depth), versions: [], fixed: [] },
        ];
        expect(await roundTrip({ affected: at(90) })).toMatchObject({ value: { affected: at(90) } });
        expect(await roundTrip({ affected: at(91) })).toMatchObject({ error: "VALUE_TOO_DEEP" });
      },
    },
  });
};

const decimals = ({ roundTrip }: On) => ({
  "Decimal128 and numeric scale": async () => {
    const scores = ["7.0", "007", "-0.0", "10", "99999999999999999999999999999.9"];
    const cvss = scores.map((baseScore) => ({ version: "", vector: "", baseScore, source: null }));
    const read = await roundTrip({ cvss });
    const stored = ["7", "7", "0", "10", "99999999999999999999999999999.9"];
    expect(read).toMatchObject({ value: { cvss: stored.map((baseScore) => ({ baseScore })) } });
  },
  "excess numeric scale": async () => {
    const cvss = [{ version: "", vector: "", baseScore: "9.85", source: null }];
    expect(await roundTrip({ cvss })).toMatchObject(refusal("VALUE_SCALE", "cvss.0.baseScore"));
  },
});
