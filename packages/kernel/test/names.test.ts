import { expect, test } from "vitest";
import { camel, indexName, snake } from "../src/index.ts";

test.each([
  ["id", "id"],
  ["baseScore", "base_score"],
  ["lastSuccessAt", "last_success_at"],
])("%s is the column %s, and back", (field, column) => {
  expect([snake(field), camel(column)]).toEqual([column, field]);
});

test("an index has one name on both databases", () => {
  expect(indexName("uq", "advisories", ["advisoryKey"])).toBe("uq_advisories_advisory_key");
  expect(indexName("idx", "advisories", ["aliases.scheme", "aliases.value"])).toBe(
    "idx_advisories_aliases_scheme_aliases_value",
  );
});
