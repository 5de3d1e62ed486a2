import { codeOf, conflict, dataError, refused, transient, unavailable } from "@stellaops/kernel";
import { expect, test } from "vitest";
import { exitCodeOf } from "../src/exit-code.ts";
import { knownError } from "../src/known-error.ts";
import { sentence } from "../src/output/progress.ts";
import { redact } from "../src/output/redact.ts";
import { table } from "../src/output/table.ts";
import { assertVersion } from "../src/servers.ts";

test.each([
  ["no connection to postgres://app:s3cr3t@db:5432/x", "no connection to postgres://app:***@db:5432/x"],
  ["mongodb://u:p@ss@a:1,b:2/db?replicaSet=r", "mongodb://u:***@a:1,b:2/db?replicaSet=r"],
  ["postgres://db/x?user=a&password=s3cr3t&sslmode=require", "postgres://db/x?user=a&password=***&sslmode=require"],
  ["password 'SCRAM-SHA-256$4096:salt$stored:server';", "password 'SCRAM-SHA-256$***';"],
  ["mongodb://localhost:27017/vuln", "mongodb://localhost:27017/vuln"],
])("no secret is printed: %s", (text, printed) => {
  expect(redact(text)).toBe(printed);
});

test("the exit code tells the family", () => {
  expect(exitCodeOf(refused("A", "a"))).toBe(1);
  expect(exitCodeOf(conflict("A", "a"))).toBe(1);
  expect(exitCodeOf(transient("A", "a"))).toBe(1);
  expect(exitCodeOf(dataError("A", "a"))).toBe(2);
  expect(exitCodeOf(unavailable("A", "a"))).toBe(3);
});

test("errors of drivers are told as ours", () => {
  expect(knownError(Object.assign(new Error("no"), { code: "ECONNREFUSED" }))).toMatchObject({ family: "unavailable" });
  expect(knownError(new Error("what?"))).toMatchObject({ code: "UNEXPECTED" });
});

test.each([
  ["PostgreSQL", "15.4"],
  ["MongoDB", "5.0.31"],
] as const)("%s %s is refused, with what is needed", (product, version) => {
  let error: unknown;
  try {
    assertVersion(product, version);
  } catch (thrown) {
    error = thrown;
  }
  expect(codeOf(error)).toBe("SERVER_VERSION");
  expect(String(error)).toContain("or later is needed");
});

test("PostgreSQL 16 and MongoDB 6 are new enough", () => {
  expect(() => assertVersion("PostgreSQL", "16.0 (Debian 16.0-1)")).not.toThrow();
  expect(() => assertVersion("MongoDB", "6.0.5")).not.toThrow();
});

test("progress tells how much, how fast, and how long still", () => {
  expect(sentence(1_000, 4_000, 500)).toBe("1,000 of 4,000 (25 %), 500/s, 6 s left");
  expect(sentence(1_000, null, 0)).toBe("1,000");
});

test("a table lines up", () => {
  expect(
    table(
      ["name", "rows"],
      [
        ["a", 1],
        ["bcdef", 20],
      ],
    ),
  ).toEqual(["name   rows", "a         1", "bcdef    20"]);
});
