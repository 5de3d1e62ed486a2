import { expect, test } from "vitest";
import { instantOf, refuseNoZone } from "../src/index.ts";
import { refusal } from "./refusal.ts";

test.each(["Europe/Berlin", "UTC", "Etc/GMT+3", "America/Argentina/Buenos_Aires"])("%s is a zone", (zone) => {
  expect(() => refuseNoZone(zone)).not.toThrow();
});

test.each(["", "+03:00", "-0300", "Mars/Base", " UTC", "Europe/Berlin "])("%j is no zone", (zone) => {
  expect(refusal(() => refuseNoZone(zone, "zone"))).toMatchObject({ code: "TIMEZONE_UNKNOWN", path: "zone" });
});

test("an instant is given as it is stored, and refused by its path", () => {
  expect(instantOf(new Date(1_767_225_600_123.9), "at")).toEqual(new Date(1_767_225_600_123));
  for (const [wrong, code] of [
    [new Date(Number.NaN), "VALUE_DATE"],
    [null, "VALUE_DATE"],
    [new Date(Date.UTC(10_000, 0)), "VALUE_DATE_RANGE"],
  ] as const)
    expect(refusal(() => instantOf(wrong as Date, "at"))).toMatchObject({ code, path: "at", family: "data" });
});
