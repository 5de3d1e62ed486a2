import { canonicalJson, codeOf, isDataLayerError, normalise, sha256, type Json } from "@stellaops/kernel";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { advisories } from "../src/aggregates.ts";
import { mapOsv } from "../src/domain/osv.ts";

const least = { id: "STELLA-1", modified: "2026-01-02T03:04:05Z" };
const identity = {
  id: "00000000-0000-7000-8000-000000000001",
  sourceId: "00000000-0000-7000-8000-000000000002",
  createdAt: new Date(0),
  updatedAt: new Date(0),
};
const map = (more: object) => mapOsv({ ...least, ...more });
type Stored = ReturnType<typeof stored>;
const stored = (more: object) => normalise(advisories, { ...map(more), ...identity });

function refusal(work: () => unknown): { readonly code: string; readonly path: unknown } {
  try {
    work();
  } catch (error) {
    if (isDataLayerError(error)) return { code: error.code, path: error.details["path"] };
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("mapping", () => {
  test("the least that the schema allows", () => {
    expect(stored({})).toEqual({
      ...identity,
      advisoryKey: "STELLA-1",
      primaryId: "STELLA-1",
      title: "STELLA-1",
      summary: null,
      details: null,
      severity: "unknown",
      publishedAt: null,
      modifiedAt: new Date("2026-01-02T03:04:05Z"),
      withdrawnAt: null,
      contentHash: sha256(canonicalJson(least)),
      provenance: { format: "osv", schemaVersion: null },
      raw: least,
      aliases: [{ scheme: "STELLA", value: "STELLA-1" }],
      cvss: [],
      affected: [],
      references: [],
      credits: [],
      weaknesses: [],
    });
  });

  test("a whole record", () => {
    const advisory = stored({
      schema_version: "1.7.0",
      published: "2026-01-01T00:00:00.123456Z",
      withdrawn: "2026-01-03T00:00:00Z",
      aliases: ["GHSA-0000-0000-0001", "CVE-1900-0001"],
      summary: "Path traversal",
      details: "Long.\n\n𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
      severity: [{ type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N" }],
      affected: [
        {
          package: { ecosystem: "Go", name: "example.org/team/pkg" },
          ranges: [
            {
              type: "SEMVER",
              events: [{ introduced: "0" }, { fixed: "1.2.0" }, { introduced: "2.0.0" }, { fixed: "2.1.0" }],
            },
          ],
          versions: ["1.1.0", "1.0.0"],
          ecosystem_specific: { anything: [1, { at: "all" }] },
        },
      ],
      references: [{ type: "FIX", url: "https://example.org/fix" }],
      credits: [{ name: "reporter-1" }, { name: "reporter-2", type: "FINDER", contact: ["https://example.org/2"] }],
      database_specific: { cwe_ids: ["CWE-79", "CWE-22"] },
      of_a_later_schema: true,
    });
    expect(advisory).toMatchObject({
      primaryId: "CVE-1900-0001",
      title: "Path traversal",
      severity: "medium",
      publishedAt: new Date("2026-01-01T00:00:00.123Z"),
      withdrawnAt: new Date("2026-01-03T00:00:00Z"),
      provenance: { format: "osv", schemaVersion: "1.7.0" },
      raw: { of_a_later_schema: true },
      references: [{ kind: "FIX", url: "https://example.org/fix" }],
      weaknesses: [{ cwe: "CWE-22" }, { cwe: "CWE-79" }],
    });
    expect(advisory.aliases).toEqual([
      { scheme: "CVE", value: "CVE-1900-0001" },
      { scheme: "GHSA", value: "GHSA-0000-0000-0001" },
      { scheme: "STELLA", value: "STELLA-1" },
    ]);
    expect(advisory.affected).toEqual([
      {
        ecosystem: "Go",
        package: "example.org/team/pkg",
        purl: "pkg:golang/example.org/team/pkg",
        ranges: [
          {
            type: "SEMVER",
            events: [{ introduced: "0" }, { fixed: "1.2.0" }, { introduced: "2.0.0" }, { fixed: "2.1.0" }],
          },
        ],
        versions: ["1.1.0", "1.0.0"],
        fixed: ["1.2.0", "2.1.0"],
      },
    ]);
    expect(advisory.credits).toEqual([
      { name: "reporter-1", kind: null, contact: [] },
      { name: "reporter-2", kind: "FINDER", contact: ["https://example.org/2"] },
    ]);
  });

  test("null and absent are one, and the year 1 is legal", () => {
    const nothing = { aliases: null, affected: null, references: null, credits: null, severity: null, published: null };
    expect(stored({ ...nothing, modified: "0001-01-01T00:00:00Z", database_specific: null })).toMatchObject({
      modifiedAt: new Date("0001-01-01T00:00:00Z"),
      affected: [],
      publishedAt: null,
    });
  });

  test("an empty summary leaves the id as title", () => {
    expect(map({ summary: "" })).toMatchObject({ title: "STELLA-1", summary: "" });
  });

  test("several CVEs leave its own id the primary one; a repeated alias is stored once", () => {
    expect(map({ aliases: ["CVE-1900-0001", "CVE-1900-0002"] }).primaryId).toBe("STELLA-1");
    expect(stored({ aliases: ["STELLA-1", "CVE-1900-0001", "CVE-1900-0001"] }).aliases).toHaveLength(2);
  });

  test.each([
    ["cve-1900-0001", "CVE"],
    ["pysec-2026-1", "PYSEC"],
    ["nohyphen", "OTHER"],
    ["-1", "OTHER"],
  ])("the scheme of %s is %s", (value, scheme) => {
    expect(map({ aliases: [value] }).aliases).toContainEqual({ scheme, value });
  });

  test("what a database keeps in its own fields is never a reason to refuse", () => {
    expect(stored({ database_specific: "text" }).weaknesses).toEqual([]);
    expect(stored({ database_specific: { severity: 7, cwe_ids: "CWE-1" } }).severity).toBe("unknown");
  });

  test("equal records of another key order have one hash", () => {
    expect(mapOsv({ modified: least.modified, id: least.id }).contentHash).toBe(mapOsv(least).contentHash);
  });
});

describe("scores", () => {
  // The published examples of CVSS 2.0, 3.0, 3.1 and 4.0.
  test.each([
    ["CVSS_V2", "AV:N/AC:L/Au:N/C:N/I:N/A:C", "2.0", "7.8", "high"],
    ["CVSS_V2", "AV:L/AC:H/Au:N/C:C/I:C/A:C", "2.0", "6.2", "medium"],
    ["CVSS_V3", "CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", "3.0", "6.1", "medium"],
    ["CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "3.1", "9.8", "critical"],
    ["CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", "3.1", "0.0", "none"],
    ["CVSS_V4", "CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "4.0", "7.3", "high"],
    ["CVSS_V4", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U", "4.0", "9.3", "critical"],
  ])("%s %s", (type, score, version, baseScore, severity) => {
    const draft = map({ severity: [{ type, score }] });
    expect(draft.cvss).toEqual([{ version, vector: score, baseScore, source: null }]);
    expect(draft.severity).toBe(severity);
  });

  test("a vector that cannot be scored is kept without a score", () => {
    const draft = map({ severity: [{ type: "CVSS_V3", score: "CVSS:3.1/AV:N" }] });
    expect(draft.cvss).toEqual([{ version: "3.1", vector: "CVSS:3.1/AV:N", baseScore: null, source: null }]);
    expect(draft.severity).toBe("unknown");
  });

  test("the highest counts, those of packages too; a repeated vector is stored once; other kinds stay in raw", () => {
    const low = { type: "CVSS_V3", score: "CVSS:3.0/AV:L/AC:H/PR:L/UI:N/S:U/C:L/I:L/A:L" };
    const high = { type: "CVSS_V4", score: "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N" };
    const draft = map({ severity: [low, { type: "Ubuntu", score: "high" }], affected: [{ severity: [low, high] }] });
    expect(draft.cvss.map(({ baseScore }) => baseScore)).toEqual(["4.5", "9.3"]);
    expect(draft.severity).toBe("critical");
  });

  test.each([
    ["LOW", "low"],
    ["Moderate", "medium"],
    ["CRITICAL", "critical"],
    ["constructor", "unknown"],
    ["", "unknown"],
  ])("the word %s without a score means %s", (severity, expected) => {
    expect(map({ database_specific: { severity } }).severity).toBe(expected);
  });

  test("names of Object's own members are no kinds of score", () => {
    expect(map({ severity: [{ type: "toString", score: "x" }] }).cvss).toEqual([]);
  });
});

describe("packages", () => {
  test.each([
    ["Go", "stdlib", "pkg:golang/stdlib"],
    ["Go", "example.org/Team/Pkg/v2", "pkg:golang/example.org/Team/Pkg/v2"],
    ["npm", "@scope/pkg", "pkg:npm/%40scope/pkg"],
    ["PyPI", "Some_Package", "pkg:pypi/some-package"],
    ["Maven", "org.example:pkg", "pkg:maven/org.example/pkg"],
    ["Packagist", "vendor/pkg", "pkg:composer/vendor/pkg"],
    ["crates.io", "pkg", "pkg:cargo/pkg"],
    ["Debian:12", "pkg", null],
    ["toString", "pkg", null],
    ["Go", "example.org/", null],
  ])("%s %s is %s", (ecosystem, name, purl) => {
    expect(map({ affected: [{ package: { ecosystem, name } }] }).affected).toMatchObject([{ purl }]);
  });

  test("a package URL that is given is kept as it is", () => {
    const named = { ecosystem: "Go", name: "example.org/x", purl: "pkg:golang/example.org/X" };
    expect(map({ affected: [{ package: named }] }).affected).toMatchObject([{ purl: named.purl }]);
  });

  test("only repositories: one entry each; neither: only in raw", () => {
    const range = (repo: string, fixed: string) => ({ type: "GIT", repo, events: [{ introduced: "0" }, { fixed }] });
    const [a, b] = ["https://example.org/a.git", "https://example.org/b.git"];
    const { affected } = map({
      affected: [{ ranges: [range(a, "1"), range(b, "2"), range(a, "3")] }, { versions: ["1"] }],
    });
    expect(affected.map(({ ecosystem, package: name, fixed }) => [ecosystem, name, fixed])).toEqual([
      ["GIT", a, ["1", "3"]],
      ["GIT", b, ["2"]],
    ]);
  });
});

describe("refusals name code and path", () => {
  test.each([
    [42, "FEED_RECORD_INVALID", ""],
    [null, "FEED_RECORD_INVALID", ""],
    [[], "FEED_RECORD_INVALID", ""],
    [{ modified: least.modified }, "FEED_RECORD_INVALID", "id"],
    [{ ...least, id: "" }, "FEED_RECORD_INVALID", "id"],
    [{ id: "X-1" }, "FEED_RECORD_INVALID", "modified"],
    [{ ...least, modified: "yesterday" }, "FEED_RECORD_INVALID", "modified"],
    [{ ...least, modified: "2026-02-30T00:00:00Z" }, "FEED_RECORD_INVALID", "modified"],
    [{ ...least, aliases: ["A-1", 2] }, "FEED_RECORD_INVALID", "aliases.1"],
    [{ ...least, affected: [{ package: { name: "x" } }] }, "FEED_RECORD_INVALID", "affected.0.package.ecosystem"],
    [{ ...least, references: [{ type: "WEB" }] }, "FEED_RECORD_INVALID", "references.0.url"],
    [{ ...least, details: "a\0b" }, "VALUE_NUL", "details"],
    [{ ...least, database_specific: { "k\0": 1 } }, "VALUE_NUL", "database_specific"],
    [{ ...least, credits: [{ name: "\ud800" }] }, "VALUE_NOT_WELL_FORMED", "credits.0.name"],
    [{ ...least, extra: JSON.parse("1e999") as unknown }, "VALUE_NOT_FINITE", "extra"],
  ])("%j", (record, code, path) => {
    expect(refusal(() => mapOsv(record))).toEqual({ code, path });
  });

  test("what an advisory cannot hold is refused whole, never cut", () => {
    expect(refusal(() => stored({ id: "X".repeat(201) }))).toEqual({ code: "VALUE_TOO_LONG", path: "advisoryKey" });
    expect(refusal(() => stored({ details: "x".repeat(1_000_001) }))).toEqual({
      code: "VALUE_TOO_LONG",
      path: "details",
    });
    expect(refusal(() => stored({ modified: "0000-12-31T00:00:00Z" }))).toEqual({
      code: "VALUE_DATE_RANGE",
      path: "modifiedAt",
    });
    expect(stored({ summary: "😀".repeat(10_000) }).title).toHaveLength(20_000);
  });

  test("the size of the whole has a limit", () => {
    const parts = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`part${i}`, "x".repeat(1_000_000)]));
    expect(codeOf(catching(() => stored({ database_specific: parts })))).toBe("VALUE_TOO_LARGE");
  });
});

function catching(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

describe("properties", () => {
  const word = fc.string({ unit: "binary", maxLength: 30 });
  const list = <T>(item: fc.Arbitrary<T>) => fc.option(fc.array(item, { maxLength: 3 }), { nil: null });
  const record = fc.record(
    {
      id: word,
      modified: fc.date({ noInvalidDate: true }).map((at) => at.toISOString()),
      aliases: list(word),
      summary: word,
      severity: list(fc.record({ type: fc.constantFrom("CVSS_V2", "CVSS_V3", "other"), score: word })),
      affected: list(
        fc.record(
          {
            package: fc.record({ ecosystem: fc.constantFrom("Go", "npm", "Maven", "PyPI", "Alpine"), name: word }),
            versions: list(word),
            database_specific: fc.jsonValue(),
          },
          { requiredKeys: [] },
        ),
      ),
      references: list(fc.record({ type: word, url: fc.webUrl() })),
      database_specific: fc.jsonValue(),
    },
    { requiredKeys: ["id", "modified"] },
  );

  test("a record becomes an advisory whose raw is the record, or is refused with a code and a path", () => {
    fc.assert(
      fc.property(record, (value) => {
        const result = catching(() => normalise(advisories, { ...mapOsv(value), ...identity }));
        const canonical = canonicalJson(JSON.parse(JSON.stringify(value)) as Json);
        const told = isDataLayerError(result)
          ? { family: result.family, path: result.details["path"] }
          : { hash: (result as Stored).contentHash, raw: canonicalJson((result as Stored).raw as Json) };
        expect([
          { family: "data", path: expect.any(String) as unknown },
          { hash: sha256(canonical), raw: canonical },
        ]).toContainEqual(told);
      }),
      { numRuns: 500 },
    );
  });

  test("any JSON at all is mapped or refused", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const result = catching(() => mapOsv(value));
        expect(isDataLayerError(result) || !(result instanceof Error)).toBe(true);
      }),
    );
  });
});
