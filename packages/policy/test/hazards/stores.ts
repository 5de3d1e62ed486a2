import {
  foreignDocument,
  indexGone,
  longText,
  refusal,
  samePages,
  textsInDisorder,
  textsInOrder,
  writeConcern,
} from "@stellaops/testkit/module";
import { expect } from "vitest";
import { openPolicy } from "../../src/index.ts";
import { exception, explanation, minute, newId, noon, pack, packVersion, riskProfile, rule } from "../samples.ts";
import type { On } from "./on.ts";

/** What indexes, orders, batches and limits of the stores meet. */
export const stores = (on: On) => {
  const { both, roundTrip } = on;
  return {
    arrays: async () => {
      // An array of keys is no key: none of its members is the value.
      expect(await both(({ riskProfiles }) => riskProfiles.findActive(["p"] as never))).toMatchObject({
        family: "data",
      });
      expect(await both(({ exceptions }) => exceptions.listActive(noon, ["x"] as never))).toMatchObject({
        family: "data",
      });
      expect(await roundTrip({ compiled: [[], [[1]]] })).toMatchObject({ value: { compiled: [[], [[1]]] } });
    },
    "mixed types in one field": async () => {
      expect(await roundTrip({ source: 1 })).toMatchObject(refusal("VALUE_INVALID", "source"));
      expect(await roundTrip({ rules: [rule({ ordinal: 1.5 })] })).toMatchObject({ family: "data" });
      await foreignDocument(on, { table: "packs", document: pack(), get: ({ packs }, id) => packs.get(id) });
    },
    "text order": async () => {
      // A set of rules is in the order of its keys, by their bytes.
      const version = packVersion({ rules: textsInDisorder.map((ruleKey) => rule({ ruleKey })) });
      const read = await both(async ({ packVersions }) => {
        await packVersions.put(version, 0n);
        return (await packVersions.get(version.id))?.rules.map(({ ruleKey }) => ruleKey);
      });
      expect(read).toEqual({ value: textsInOrder });
    },
    "ties in a sort": async () => {
      const runId = newId();
      const tied = Array.from({ length: 9 }, () => explanation({ runId }));
      await both(({ explanations }) => explanations.appendBatch(tied));
      await samePages(on, { count: 9, page: ({ explanations }, request) => explanations.pageByRun(runId, request) });
    },
    "duplicate key": async () => {
      const one = riskProfile({ isActive: true });
      const { profileId } = one;
      await both(({ riskProfiles }) => riskProfiles.put(one, 0n));
      const put = (over: object) =>
        both(({ riskProfiles }) => riskProfiles.put(riskProfile({ profileId, ...over }), 0n));
      expect(await put({})).toMatchObject({ constraint: "uq_risk_profiles_profile_id_version" });
      expect(await put({ version: "2", isActive: true })).toMatchObject({ constraint: "uq_risk_profiles_profile_id" });
      expect(await put({ version: "2" })).toEqual({ value: 1n });
      expect(await put({ id: one.id, version: "3" })).toMatchObject({ error: "REVISION_CONFLICT" });
    },
    "unique only after index exists": () =>
      indexGone(on, { table: "risk_profiles", index: "uq_risk_profiles_profile_id", open: openPolicy }),
    "long key in an index": async () => {
      const one = riskProfile({ profileId: longText(200), version: longText(100) });
      expect(await both(({ riskProfiles }) => riskProfiles.put(one, 0n))).toEqual({ value: 1n });
      expect(await both(({ riskProfiles }) => riskProfiles.history(one.profileId))).toMatchObject({
        value: { items: [{ id: one.id }] },
      });
      const held = exception({ exceptionId: longText(200), vulnerability: longText(200).slice(2) });
      expect(await both(({ exceptions }) => exceptions.put(held, 0n))).toEqual({ value: 1n });
    },
    "write concern": () => writeConcern(on),
    "uniqueness inside an embedded array": async () => {
      const same = [rule(), rule()];
      expect(await roundTrip({ rules: same })).toMatchObject({ value: { rules: [{ ruleKey: same[0]!.ruleKey }] } });
      expect(await roundTrip({ rules: [rule(), rule({ ordinal: 2 })] })).toMatchObject({ error: "VALUE_DUPLICATE" });
      const made = exception({ evidence: ["b", "a", "b"] });
      const read = await both(async ({ exceptions }) => {
        await exceptions.put(made, 0n);
        return exceptions.get(made.id);
      });
      expect(read).toMatchObject({ value: { evidence: ["a", "b"] } });
    },
    "unordered bulk refused half-way": async () => {
      const runId = newId();
      const batch = Array.from({ length: 50 }, (_, i) =>
        explanation({ runId, ordinal: BigInt(i), createdAt: minute(i) }),
      );
      await both(({ explanations }) => explanations.appendBatch([batch[49]!]));
      expect(await both(({ explanations }) => explanations.appendBatch(batch))).toMatchObject({
        error: "REVISION_CONFLICT",
      });
      expect(await both(({ explanations }) => explanations.pageByRun(runId))).toMatchObject({
        value: { items: [{ id: batch[49]!.id }] },
      });
    },
  };
};
