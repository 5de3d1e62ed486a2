import { normalise, type Json } from "@stellaops/kernel";
import { arbitraryOf, jsonArbitrary } from "@stellaops/testkit";
import { determinismHash, packHash, profileHash } from "@stellaops/policy";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluationRuns, packVersions, riskProfiles } from "../src/aggregates.ts";
import { evaluation, packVersion, riskProfile, rule } from "./samples.ts";

/** What a property does not hold for; null where none was found. */
const against = <T>(property: fc.IProperty<T>): T | null =>
  fc.check<T>(property, { seed: 1, numRuns: 300 }).counterexample;

/** The same value with the keys of its objects the other way round. */
const turned = (value: Json): Json => {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item: Json) => turned(item));
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, item]): [string, Json] => [key, turned(item)]),
  );
};

describe("hashes of content", () => {
  it("packHash: is of known bytes", () => {
    const content = { source: "s", compiled: { b: 1, a: [null] }, rules: [rule({ ruleKey: "r", body: {} })] };
    // sha256 of {"compiled":{"a":[null],"b":1},"rules":[{"body":{},"ordinal":1,"ruleKey":"r","severity":"critical"}],"source":"s"}
    expect(packHash(content)).toBe("a11521f8dc935c2c9faf9e786f2a6b8bc9df6f6f3ab32fc77ccf7a3f415a3564");
  });

  it("packHash: does not depend on the order of keys and rules, nor on what says nothing of the content", () => {
    const property = fc.property(arbitraryOf(packVersions), (version) => {
      const other = {
        ...packVersion(),
        source: version.source,
        compiled: turned(version.compiled as Json),
        rules: version.rules.map((one) => ({ ...one, body: turned(one.body as Json) })).toReversed(),
      };
      return packHash(version) === packHash(other);
    });
    expect(against(property)).toBeNull();
  });

  it("packHash: another source, payload or rule is another hash", () => {
    const one = packVersion();
    const [first, second] = one.rules;
    const others = [
      { ...one, source: `${one.source} ` },
      { ...one, compiled: { ...(one.compiled as object), more: null } },
      { ...one, rules: [first!] },
      { ...one, rules: [first!, { ...second!, ordinal: 3 }] },
      { ...one, rules: [first!, { ...second!, severity: "low" as const }] },
      { ...one, rules: [first!, { ...second!, ruleKey: "other" }] },
      { ...one, rules: [first!, { ...second!, body: [] }] },
    ];
    expect(new Set([one, ...others].map(packHash)).size).toBe(others.length + 1);
  });

  it("all: what is stored hashes as what was given", () => {
    const property = fc.property(
      arbitraryOf(packVersions),
      arbitraryOf(riskProfiles),
      arbitraryOf(evaluationRuns),
      (version, profile, run) =>
        packHash(normalise(packVersions, version)) === packHash(version) &&
        profileHash(normalise(riskProfiles, profile)) === profileHash(profile) &&
        determinismHash(normalise(evaluationRuns, run)) === determinismHash(run),
    );
    expect(against(property)).toBeNull();
  });

  it("profileHash: of parent, weights and overrides, whatever the order of their keys", () => {
    const property = fc.property(jsonArbitrary(), jsonArbitrary(), (weights, overrides) => {
      const one = riskProfile({ weights, overrides });
      const same = riskProfile({
        weights: turned(weights),
        overrides: turned(overrides),
        isActive: true,
      });
      return profileHash(one) === profileHash(same) && profileHash(one) !== profileHash({ ...one, parentId: "p" });
    });
    expect(against(property)).toBeNull();
  });

  it("determinismHash: of the four inputs and nothing else; null is no empty text", () => {
    const one = evaluation();
    const others = [
      { packVersion: "x" },
      { sbomDigest: "x" },
      { feedSnapshot: "x" },
      { vexCursor: null },
      { vexCursor: "" },
    ];
    expect(determinismHash({ ...one, ...evaluation({ sbomDigest: one.sbomDigest }) })).toBe(determinismHash(one));
    expect(new Set([one, ...others.map((over) => ({ ...one, ...over }))].map(determinismHash)).size).toBe(6);
  });
});
