import { describe, expect, test } from "vitest";
import { Cursors, limitOf, maxLimit, pageOf } from "../src/index.ts";
import { samples } from "./random.ts";
import { refusal } from "./refusal.ts";

describe("cursors", () => {
  const own = new Cursors("findByAlias", "acme", ["CVE", "CVE-1900-1"], "id asc");

  test("come back as they were, whatever they hold", () => {
    for (const position of samples(500, (random) => [random.text(), random.text()])) {
      const cursor = own.encode(position);
      expect(cursor).toMatch(/^[\w-]+$/);
      expect(own.decode(cursor, 2)).toEqual(position);
    }
  });

  test("none is the first page", () => {
    expect([own.decode(null, 2), own.decode(undefined, 2)]).toEqual([null, null]);
  });

  test("an equal query made elsewhere reads them", () => {
    const again = new Cursors("findByAlias", "acme", ["CVE", "CVE-1900-1"], "id asc");
    expect(again.decode(own.encode(["a"]), 1)).toEqual(["a"]);
  });

  test.each([
    ["another verb", new Cursors("search", "acme", ["CVE", "CVE-1900-1"], "id asc")],
    ["another tenant", new Cursors("findByAlias", "other", ["CVE", "CVE-1900-1"], "id asc")],
    ["another argument", new Cursors("findByAlias", "acme", ["CVE", "CVE-1900-2"], "id asc")],
    ["another order", new Cursors("findByAlias", "acme", ["CVE", "CVE-1900-1"], "id desc")],
  ])("of %s are foreign", (_, other) => {
    expect(refusal(() => own.decode(other.encode(["a"]), 1))).toMatchObject({ code: "CURSOR_FOREIGN", family: "data" });
  });

  test("with another number of keys are foreign", () => {
    expect(refusal(() => own.decode(own.encode(["a", "b"]), 1)).code).toBe("CURSOR_FOREIGN");
  });

  test.each([
    ["nothing", ""],
    ["no cursor", "page=2"],
    ["other JSON", Buffer.from('{"a":1}').toString("base64url")],
    ["numbers", Buffer.from("[1,2]").toString("base64url")],
  ])("%s is refused", (_, cursor) => {
    expect(refusal(() => own.decode(cursor, 1))).toMatchObject({ code: "CURSOR_INVALID", family: "data" });
  });

  test("cut or with another signature they are refused", () => {
    const cursor = own.encode(["some position"]);
    for (let end = 1; end < cursor.length - 1; end += 1)
      expect(["CURSOR_INVALID", "CURSOR_FOREIGN"]).toContain(refusal(() => own.decode(cursor.slice(0, end), 1)).code);
    const forged = Buffer.from(JSON.stringify(["AAAAAAAAAAAA", "x"])).toString("base64url");
    expect(refusal(() => own.decode(forged, 1)).code).toBe("CURSOR_INVALID");
  });
});

describe("pages", () => {
  test("a limit is 1 to 1,000", () => {
    expect([limitOf({}), limitOf({ limit: 1 }), limitOf({ limit: maxLimit })]).toEqual([100, 1, 1_000]);
    for (const limit of [0, -1, 1.5, NaN, maxLimit + 1])
      expect(refusal(() => limitOf({ limit }))).toMatchObject({ code: "LIMIT_INVALID", family: "data" });
  });

  test.each([
    [0, 0, null],
    [2, 2, null],
    [3, 3, null],
    [4, 3, "3"],
  ])("of %i found with a limit of 3, %i are given", (found, given, next) => {
    const items = Array.from({ length: found }, (_, i) => i + 1);
    expect(pageOf(items, 3, String)).toEqual({ items: items.slice(0, given), next });
  });
});
