import { describe, expect, test } from "vitest";
import * as kernel from "../src/index.ts";

const { codeOf, dataError, familyOf, isDataLayerError, notFound, transient } = kernel;

describe("errors", () => {
  test("carry family, code, details and cause", () => {
    const cause = new Error("40001");
    const error = transient("SERIALIZATION", "run the unit again", { cause, details: { attempt: 1 } });
    expect(error).toMatchObject({ name: "DataLayerError", family: "transient", code: "SERIALIZATION", cause });
    expect(error.details).toEqual({ attempt: 1 });
    expect("cause" in notFound("X", "x")).toBe(false);
  });

  test("are told by shape, so that two copies of the package understand each other", () => {
    const foreign = Object.assign(new Error("x"), { name: "DataLayerError", family: "data", code: "X", details: {} });
    expect([isDataLayerError(foreign), codeOf(foreign), familyOf(foreign)]).toEqual([true, "X", "data"]);
  });

  test.each([[new Error("x")], [{ name: "DataLayerError", code: "X", family: "data" }], [null], ["X"]])(
    "others have no code: %j",
    (other) => {
      expect([isDataLayerError(other), codeOf(other), familyOf(other)]).toEqual([false, undefined, undefined]);
    },
  );

  test("each family has its maker", () => {
    const made = [
      transient,
      kernel.integrity,
      dataError,
      notFound,
      kernel.conflict,
      kernel.refused,
      kernel.unavailable,
      kernel.unknownOutcome,
      kernel.programming,
    ].map((make) => make("X", "x").family);
    expect(new Set(made).size).toBe(9);
  });
});
