import { codeOf } from "@stellaops/kernel";
import { expect, it } from "vitest";
import { cannotSee, receiptOf, receiptText, verifyReceipt, type Comparison } from "../src/compare/index.ts";

const comparison: Comparison = {
  module: "vuln",
  primary: "mongo",
  epoch: "3",
  generation: "2",
  startedAt: "2026-01-01T00:00:00.000Z",
  finishedAt: "2026-01-01T00:00:01.000Z",
  toolVersion: "0.1.0",
  tenant: null,
  equal: true,
  aggregates: [
    {
      aggregate: "advisories",
      rows: { mongo: 1, postgres: 1 },
      equal: true,
      lagging: 0,
      fetched: 0,
      ranges: [],
      digest: { mongo: "0".repeat(64), postgres: "0".repeat(64) },
      findings: [],
      moreFindings: 0,
    },
  ],
  cannotSee,
};
const text = receiptText(receiptOf(comparison));
const codeFrom = (work: () => unknown): string | undefined => {
  try {
    work();
  } catch (error) {
    return codeOf(error);
  }
  return undefined;
};

it("a receipt gives its comparison back", () => {
  expect(verifyReceipt(text).comparison).toEqual(comparison);
});

it("the same comparison gives the same bytes, and formatting does not matter", () => {
  expect(receiptText(receiptOf({ ...comparison }))).toBe(text);
  expect(receiptText(verifyReceipt(JSON.stringify(JSON.parse(text), null, 2)))).toBe(text);
});

it.each([
  ["a count", text.replace('"mongo":1', '"mongo":2')],
  ["a flag", text.replace('"equal":true', '"equal":false')],
  ["what it cannot see", text.replace(cannotSee[0] ?? "", "nothing")],
  ["the digest", text.replace(/"sha256":"./, '"sha256":"x')],
])("a receipt with %s changed is refused", (_, altered) => {
  expect(altered).not.toBe(text);
  expect(codeFrom(() => verifyReceipt(altered))).toBe("RECEIPT_ALTERED");
});

it.each(["", "{", "null", "[]", '{"format":"other"}', text.replace("receipt/1", "receipt/2")])(
  "%j is no receipt",
  (other) => {
    expect(codeFrom(() => verifyReceipt(other))).toBe("RECEIPT_UNREADABLE");
  },
);
