import { byBytes, normalise } from "@stellaops/kernel";
import { describe, expect, test } from "vitest";
import { advisories } from "../src/aggregates.ts";
import { generateOsv } from "../src/domain/generate.ts";
import { mapOsv } from "../src/domain/osv.ts";

const count = 2_000;
const raw = [...generateOsv({ count })];
const made = raw.map((record) =>
  normalise(advisories, {
    ...mapOsv(record),
    id: "00000000-0000-7000-8000-000000000001",
    sourceId: "00000000-0000-7000-8000-000000000002",
    createdAt: new Date(0),
    updatedAt: new Date(0),
  }),
);

describe("generated records", () => {
  test("the same seed gives the same bytes, another seed others; a longer run begins like a shorter one", () => {
    expect(JSON.stringify([...generateOsv({ count: 300, seed: 7 })])).toBe(
      JSON.stringify([...generateOsv({ count: 400, seed: 7 })].slice(0, 300)),
    );
    expect(JSON.stringify([...generateOsv({ count: 10, seed: 8 })])).not.toBe(JSON.stringify(raw.slice(0, 10)));
  });

  test("all of them map, each under its own id", () => {
    expect(new Set(made.map(({ advisoryKey }) => advisoryKey)).size).toBe(count);
  });

  test.each([
    ["withdrawn", made.some(({ withdrawnAt }) => withdrawnAt !== null)],
    ["of the year 1", made.some(({ modifiedAt }) => modifiedAt.getUTCFullYear() === 1)],
    ["without another name", made.some(({ aliases }) => aliases.length === 1)],
    ["with a null list", raw.some((record) => JSON.stringify(record).includes('"aliases":null'))],
    ["with several packages", made.some(({ affected }) => affected.length > 3)],
    ["with several fixes", made.some(({ affected }) => affected.some(({ fixed }) => fixed.length > 1))],
    ["without a package URL", made.some(({ affected }) => affected.some(({ purl }) => purl === null))],
    ["without references", made.some(({ references }) => references.length === 0)],
    ["with credits", made.some(({ credits }) => credits.some(({ contact }) => contact.length > 0))],
    ["with long details", made.some(({ details }) => (details?.length ?? 0) > 10_000)],
    ["with text beyond the basic plane", made.some(({ title }) => /[\ud800-\udfff]/.test(title))],
    ["with combining marks", made.some(({ title }) => title !== title.normalize("NFC"))],
  ])("some are %s", (_, found) => {
    expect(found).toBe(true);
  });

  test("every severity but none occurs, and scores of each version", () => {
    const distinct = (values: readonly string[]) => [...new Set(values)].toSorted(byBytes);
    expect(distinct(made.map(({ severity }) => severity))).toEqual(["critical", "high", "low", "medium"]);
    expect(distinct(made.flatMap(({ cvss }) => cvss.map(({ version }) => version)))).toEqual([
      "2.0",
      "3.0",
      "3.1",
      "4.0",
    ]);
  });
});
