import { expect, test } from "vitest";
import { checkHistory } from "../src/history/check.ts";
import type { Answer, Call, Operation } from "../src/history/operation.ts";

const op = (begun: number, ended: number, call: Call, answer: Answer): Operation => ({
  key: "k",
  begun,
  ended,
  call,
  answer,
});
const put = (begun: number, ended: number, expected: number, revision: number): Operation =>
  op(begun, ended, { kind: "put", expected, content: `c${begun}` }, { kind: "stored", revision });
const gone = (begun: number, ended: number, expected: number): Operation =>
  op(begun, ended, { kind: "delete", expected }, { kind: "deleted" });
const got = (begun: number, ended: number, revision: number, content: string): Operation =>
  op(begun, ended, { kind: "get" }, { kind: "found", revision, content });
const nothing = (begun: number, ended: number): Operation => op(begun, ended, { kind: "get" }, { kind: "nothing" });
const refused = (begun: number, ended: number, expected: number): Operation =>
  op(begun, ended, { kind: "put", expected, content: "x" }, { kind: "conflict" });
const unknown = (begun: number, ended: number, expected: number): Operation =>
  op(begun, ended, { kind: "put", expected, content: "x" }, { kind: "unknown" });

test.each([
  ["one after the other", [nothing(1, 2), put(3, 4, 0, 1), got(5, 6, 1, "c3"), put(7, 8, 1, 2), got(9, 10, 2, "c7")]],
  ["deleted and created again above the tombstone", [put(1, 2, 0, 1), gone(3, 4, 1), nothing(5, 6), put(7, 8, 0, 3)]],
  [
    "a read beside a write gives the old or the new",
    [put(1, 2, 0, 1), put(3, 10, 1, 2), got(4, 5, 1, "c1"), got(6, 7, 2, "c3")],
  ],
  ["a refusal beside the write that it lost against", [put(1, 2, 0, 1), put(3, 10, 1, 2), refused(4, 5, 1)]],
  ["a refused creation of what is there", [put(1, 2, 0, 1), refused(3, 4, 0)]],
  [
    "a write without an answer may have been stored",
    [put(1, 2, 0, 1), unknown(3, 4, 1), got(5, 6, 2, "x"), put(7, 8, 2, 3)],
  ],
  ["or not", [put(1, 2, 0, 1), unknown(3, 4, 1), got(5, 6, 1, "c1"), put(7, 8, 1, 2)]],
  ["nothing beside a delete that is under way", [put(1, 2, 0, 1), nothing(4, 5), gone(3, 6, 1)]],
] as const)("holds: %s", (_, history) => {
  expect(checkHistory(history)).toEqual([]);
});

test.each([
  ["a lost update", [put(1, 2, 0, 1), put(3, 4, 1, 2), put(5, 6, 1, 3)], /based on revision 1 was stored as 3/],
  ["two of one revision", [put(1, 2, 0, 1), put(3, 4, 1, 2), put(5, 6, 1, 2)], /revision 2 was acknowledged twice/],
  ["a gap", [put(1, 2, 0, 1), put(5, 6, 2, 3)], /revision 2 was never acknowledged/],
  ["a creation over what is there", [put(1, 2, 0, 1), put(3, 4, 0, 2)], /over revision 1, which was there/],
  [
    "a creation that begins anew",
    [put(1, 2, 0, 1), gone(3, 4, 1), put(5, 6, 0, 1)],
    /revision 1 was acknowledged twice/,
  ],
  [
    "a change of what was deleted",
    [put(1, 2, 0, 1), gone(3, 4, 1), put(5, 6, 2, 3)],
    /based on revision 2, which was deleted/,
  ],
  ["an order against the time", [put(5, 6, 0, 1), put(1, 2, 1, 2)], /acknowledged before an earlier one was asked for/],
  ["a stale read", [put(1, 2, 0, 1), put(3, 4, 1, 2), got(5, 6, 1, "c1")], /gave revision 1 after 2 had been told/],
  [
    "a read older than another",
    [put(1, 2, 0, 1), put(3, 20, 1, 2), got(5, 6, 2, "c3"), got(7, 8, 1, "c1")],
    /after 2 had been told/,
  ],
  ["a read from the future", [put(1, 2, 0, 1), got(3, 4, 2, "c5"), put(5, 6, 1, 2)], /before it was written/],
  ["a read of what nobody wrote", [put(1, 2, 0, 1), got(3, 4, 2, "c9")], /which nobody wrote/],
  ["a read with other content", [put(1, 2, 0, 1), got(3, 4, 1, "c9")], /with other content/],
  ["nothing where something is", [put(1, 2, 0, 1), nothing(3, 4)], /gave nothing/],
  ["nothing before the delete is asked for", [put(1, 2, 0, 1), nothing(3, 4), gone(5, 6, 1)], /gave nothing/],
  ["what was deleted is there again", [put(1, 2, 0, 1), gone(3, 4, 1), got(5, 6, 1, "c1")], /after 2 had been told/],
  [
    "a refusal without a reason",
    [put(1, 2, 0, 1), refused(3, 4, 1), put(5, 6, 1, 2)],
    /refused, and it was at that revision/,
  ],
  ["a refused creation of what is not there", [put(1, 2, 0, 1), gone(3, 4, 1), refused(5, 6, 0)], /was refused/],
] as const)("finds: %s", (_, history, sentence) => {
  expect(checkHistory(history)).toEqual(expect.arrayContaining([expect.stringMatching(sentence)]));
});

test("keys are judged each for itself, and named", () => {
  const other = { ...put(3, 4, 0, 2), key: "other" };
  expect(checkHistory([put(1, 2, 0, 1), other])).toEqual(["other: revision 1 was never acknowledged, and 2 was"]);
});
