import { expect, test } from "vitest";
import { judgeHolds, type Given, type History, type Used } from "../src/atomic/holds.ts";

/** Callers' clock and machine's clock run alike here: a call at 10 begins at 10 and ends at 11. */
const given = (number: number, by: string, at: number, until: number): Given => ({
  key: "k",
  number,
  by,
  at,
  until,
  begun: at,
  ended: at + 1,
});
const used = (number: number, by: string, verb: string, begun: number, more: Partial<Used> = {}): Used => ({
  key: "k",
  number,
  by,
  verb,
  begun,
  outcome: "done",
  ...more,
});
const back = (number: number, by: string, begun: number, more: Partial<Used> = {}): Used =>
  used(number, by, "release", begun, { freeFrom: begun, ...more });
const done = (number: number, by: string, begun: number, more: Partial<Used> = {}): Used =>
  used(number, by, "complete", begun, { final: true, freeFrom: begun, ...more });

const holding: Readonly<Record<string, History>> = {
  "one after the other": { given: [given(1, "a", 10, 50), given(2, "b", 30, 90)], used: [back(1, "a", 20)] },
  "after a lease that ran out": { given: [given(1, "a", 10, 50), given(2, "b", 50, 90)], used: [] },
  "after an extended lease that ran out": {
    given: [given(1, "a", 10, 50), given(2, "b", 80, 90)],
    used: [used(1, "a", "renew", 40, { until: 80 })],
  },
  "an extension without an answer counts for nothing": {
    given: [given(1, "a", 10, 50), given(2, "b", 60, 90)],
    used: [used(1, "a", "renew", 40, { until: 80, outcome: "open" })],
  },
  "a release without an answer may have happened": {
    given: [given(1, "a", 10, 50), given(2, "b", 30, 90)],
    used: [back(1, "a", 20, { outcome: "open" })],
  },
  "who was overtaken is refused": {
    given: [given(1, "a", 10, 50), given(2, "b", 60, 90)],
    used: [used(1, "a", "renew", 70, { outcome: "refused" })],
  },
  "a verb beside the call that overtakes": {
    given: [{ ...given(1, "a", 10, 50) }, { ...given(2, "b", 60, 90), ended: 80 }],
    used: [used(1, "a", "renew", 70, { until: 58 })],
  },
  "a number that nobody was told of": {
    given: [given(1, "a", 10, 50), given(3, "b", 120, 150)],
    used: [],
  },
  "taken back by another's clock": {
    given: [given(1, "a", 10, 50), given(2, "b", 49, 90)],
    used: [],
    freed: [{ at: 51, begun: 48 }],
  },
  "tried again when it is due": {
    given: [given(1, "a", 10, 50), given(2, "b", 45, 90)],
    used: [used(1, "a", "fail", 20, { freeFrom: 45 }), done(2, "b", 60)],
  },
};
test.each(Object.entries(holding))("holds: %s", (_, history) => {
  expect(judgeHolds(history).broken).toEqual([]);
});

const breaches: Readonly<Record<string, readonly [History, RegExp]>> = {
  "two at once": [
    { given: [given(1, "a", 10, 50), given(2, "b", 30, 90)], used: [] },
    /b was given number 2 while a had 1 for 20 ms more/,
  ],
  "an extended lease is not honoured": [
    { given: [given(1, "a", 10, 50), given(2, "b", 60, 90)], used: [used(1, "a", "renew", 40, { until: 80 })] },
    /while a had 1 for 20 ms more/,
  ],
  "a release that was refused frees nothing": [
    { given: [given(1, "a", 10, 50), given(2, "b", 30, 90)], used: [back(1, "a", 20, { outcome: "refused" })] },
    /while a had 1/,
  ],
  "taken back too early": [
    { given: [given(1, "a", 10, 50), given(2, "b", 40, 90)], used: [], freed: [{ at: 39, begun: 39 }] },
    /while a had 1/,
  ],
  "one number for two": [
    { given: [given(1, "a", 10, 50), given(1, "b", 60, 90)], used: [] },
    /number 1 was given to a and to b/,
  ],
  "a lower number later": [
    { given: [given(7, "a", 10, 50), given(2, "b", 60, 90)], used: [] },
    /number 2 was given to b after 7 had been/,
  ],
  "who was overtaken goes on": [
    { given: [given(1, "a", 10, 50), given(2, "b", 60, 90)], used: [used(1, "a", "renew", 70, { until: 95 })] },
    /renew of a went through with number 1, after a higher one/,
  ],
  "tried again before it is due": [
    { given: [given(1, "a", 10, 50), given(2, "b", 30, 90)], used: [used(1, "a", "fail", 20, { freeFrom: 45 })] },
    /given number 2 15 ms before it was free/,
  ],
  "ended twice": [
    { given: [given(1, "a", 10, 50), given(2, "b", 60, 90)], used: [done(1, "a", 40), done(2, "b", 70)] },
    /it was ended 2 times/,
  ],
  "given after its end": [
    { given: [given(1, "a", 10, 50), given(2, "b", 60, 90)], used: [done(1, "a", 40)] },
    /number 2 was given after 1 had ended it/,
  ],
};
test.each(Object.entries(breaches))("broken: %s", (_, [history, sentence]) => {
  expect(judgeHolds(history).broken.join("\n")).toMatch(sentence);
});

test("keys are judged apart", () => {
  const other = { ...given(2, "b", 30, 90), key: "other" };
  expect(judgeHolds({ given: [given(1, "a", 10, 50), other], used: [] }).broken).toEqual([]);
});

test("what is refused to those who were overtaken is counted", () => {
  const refused = (begun: number) => used(1, "a", "renew", begun, { outcome: "refused" });
  const history = {
    given: [given(1, "a", 10, 50), given(2, "b", 60, 90)],
    used: [refused(40), refused(70), refused(80)],
  };
  expect(judgeHolds(history)).toEqual({ broken: [], late: 2 });
});
