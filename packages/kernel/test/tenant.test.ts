import { expect, test } from "vitest";
import { GLOBAL, tenantId } from "../src/index.ts";
import { refusal } from "./refusal.ts";

test.each(["a", "0", "acme", "acme-eu.west_1", "x".repeat(63)])("%s is a tenant", (text) => {
  expect(tenantId(text)).toBe(text);
});

test.each([
  ["", "TENANT_MISSING"],
  [undefined, "TENANT_MISSING"],
  [null, "TENANT_MISSING"],
  [7, "TENANT_MISSING"],
  [GLOBAL, "TENANT_RESERVED"],
  ["@other", "TENANT_RESERVED"],
  ["Acme", "TENANT_INVALID"],
  ["-acme", "TENANT_INVALID"],
  [".acme", "TENANT_INVALID"],
  ["a b", "TENANT_INVALID"],
  ["a/b", "TENANT_INVALID"],
  ["acme\n", "TENANT_INVALID"],
  ["acme\0", "TENANT_INVALID"],
  ["é", "TENANT_INVALID"],
  ["*", "TENANT_INVALID"],
  ["x".repeat(64), "TENANT_INVALID"],
])("%j is refused: %s", (text, code) => {
  expect(refusal(() => tenantId(text))).toMatchObject({ code, family: "data" });
});
