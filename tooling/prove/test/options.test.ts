import { expect, test } from "vitest";
import type { Experiment } from "../src/experiment.ts";
import { listed } from "../src/list.ts";
import { proveOptions, usageOf, UsageError } from "../src/options.ts";

const one = (sabotages: Experiment["sabotages"]): Experiment => ({
  claim: "nothing is lost",
  full: "many times",
  seconds: 10,
  sabotages,
  run: () => Promise.resolve({ counts: {}, broken: [] }),
});
const experiments = { first: one({ "no-fence": "the fence is open", both: "x" }), second: one({ both: "y" }) };
const parse = (...args: readonly string[]) => proveOptions(args, experiments);

test("without names every experiment runs, with a seed of its own", () => {
  expect(parse()).toMatchObject({ names: ["first", "second"], seconds: null, full: false, sabotage: null, list: null });
  expect(parse("--seed", "7", "--seconds", "3", "second", "--full", "--json")).toEqual({
    names: ["second"],
    seconds: 3,
    seed: 7,
    full: true,
    sabotage: null,
    list: null,
    json: true,
  });
});

test("a name that is given twice runs once, and -- is no name", () => {
  expect(parse("--", "second", "second", "first")?.names).toEqual(["second", "first"]);
});

test("a sabotage runs the experiments that have it, and all of them with `all`", () => {
  expect(parse("--sabotage", "no-fence")?.names).toEqual(["first"]);
  expect(parse("--sabotage", "both", "second")?.names).toEqual(["second"]);
  expect(parse("--sabotage", "all")?.names).toEqual(["first", "second"]);
});

test.each([
  ["third"],
  ["--sabotage", "unknown"],
  ["--sabotage", "no-fence", "second"],
  ["--seconds", "0"],
  ["--seconds", "1e3"],
  ["--seed", "-1"],
  ["--list", "--list-sabotage"],
  ["--unknown"],
])("%s %s is refused", (...args) => {
  expect(() => parse(...args)).toThrow(UsageError);
});

test("the usage names the experiments and the exit codes", () => {
  expect(parse("--help")).toBeNull();
  expect(usageOf(["first", "second"])).toMatch(
    /NAME: first, second;[^]*0 everything held, 1 [^]*, 2 [^]*, 3 [^]*, 130/,
  );
});

test("the list of sabotages is, as JSON, exactly what a caller goes on with", () => {
  expect(listed(experiments, "sabotages")).toEqual({
    json: [
      { experiment: "first", kind: "no-fence" },
      { experiment: "first", kind: "both" },
      { experiment: "second", kind: "both" },
    ],
    table: expect.stringContaining("the fence is open"),
  });
  expect(listed(experiments, "experiments").json).toContainEqual({
    experiment: "first",
    claim: "nothing is lost",
    full: "many times",
    seconds: 10,
  });
});
