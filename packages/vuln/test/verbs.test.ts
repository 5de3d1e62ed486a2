import { wiring } from "@stellaops/vuln";
import { expect, it } from "vitest";
import { reads, writes } from "./commands.ts";

const verbsOf = (kind: "read" | "write"): readonly string[] =>
  Object.entries(wiring.verbs)
    .flatMap(([name, verbs]) => Object.entries(verbs).flatMap(([verb, is]) => (is === kind ? [`${name}.${verb}`] : [])))
    .toSorted();

it("the differential knows every verb, and which of them write", () => {
  expect(Object.keys(reads).toSorted()).toEqual(verbsOf("read"));
  expect(Object.keys(writes).toSorted()).toEqual(verbsOf("write"));
});
