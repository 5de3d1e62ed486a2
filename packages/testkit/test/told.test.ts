import { expect, it } from "vitest";
import { Told } from "../src/module/crossing/told.ts";

it("what was given to two is told, whoever told it; other tenants and other things are apart", () => {
  const told = new Told();
  for (const [tenant, thing] of [
    ["a", "job 1"],
    ["a", "job 2"],
    ["b", "job 1"],
  ] as const)
    told.once(tenant, thing);
  expect(told.doubled()).toEqual([]);
  told.once("a", "job 2");
  expect(told.doubled()).toEqual(["a: job 2: given 2 times"]);
  expect(told.given()).toBe(3);
});
