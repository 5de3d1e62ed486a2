import { outcomeOf } from "@stellaops/testkit";
import { expect } from "vitest";
import { openPolicy } from "../../src/index.ts";
import { exception, explanation, minute, newId, noon, pack, packVersion, riskProfile, rule } from "../samples.ts";
import { refusal, type On } from "./on.ts";

/** What indexes, orders, batches and limits of the stores meet. */
export const stores = ({ both, roundTrip, rigs }: On) => ({
  arrays: async () => {
    // An array of keys is no key: none of its members is the value.
    expect(await both(({ riskProfiles }) => riskProfiles.findActive(["p"] as never))).toMatchObject({ family: "data" });
    expect(await both(({ exceptions }) => exceptions.listActive(noon, ["x"] as never))).toMatchObject({
      family: "data",
    });
    expect(await roundTrip({ compiled: [[], [[1]]] })).toMatchObject({ value: { compiled: [[], [[1]]] } });
  },
  "mixed types in one field": async () => {
    expect(await roundTrip({ source: 1 as never })).toMatchObject(refusal("VALUE_INVALID", "source"));
    expect(await roundTrip({ rules: [rule({ ordinal: 1.5 })] })).toMatchObject({ family: "data" });
    const odd = pack();
    await rigs()
      .mongo.mongo.db.collection("packs")
      .insertOne({ ...odd, tenantId: "acme", revision: 1n, x: 1 });
    expect(await outcomeOf(() => rigs().mongo.at("acme").packs.get(odd.id))).toMatchObject({
      error: "DOCUMENT_UNREADABLE",
      path: "x",
    });
  },
  "text order": async () => {
    // A set of rules is in the order of its keys, by their bytes.
    const keys = ["\u{1f600}", "\uffff", "é", "z", "a", "Z", "", " ", "e\u0301"];
    const version = packVersion({ rules: keys.map((ruleKey) => rule({ ruleKey })) });
    const read = await both(async ({ packVersions }) => {
      await packVersions.put(version, 0n);
      return (await packVersions.get(version.id))?.rules.map(({ ruleKey }) => ruleKey);
    });
    expect(read).toEqual({ value: ["", " ", "Z", "a", "e\u0301", "z", "é", "\uffff", "\u{1f600}"] });
  },
  "ties in a sort": async () => {
    const runId = newId();
    const tied = Array.from({ length: 9 }, () => explanation({ runId }));
    await both(({ explanations }) => explanations.appendBatch(tied));
    let after: string | null = null;
    do {
      const page = await both(({ explanations }) => explanations.pageByRun(runId, { limit: 2, after }));
      after = "value" in page ? (page.value as { next: string | null }).next : null;
    } while (after !== null);
  },
  "duplicate key": async () => {
    const one = riskProfile({ isActive: true });
    const { profileId } = one;
    await both(({ riskProfiles }) => riskProfiles.put(one, 0n));
    const put = (over: object) => both(({ riskProfiles }) => riskProfiles.put(riskProfile({ profileId, ...over }), 0n));
    expect(await put({})).toMatchObject({ constraint: "uq_risk_profiles_profile_id_version" });
    expect(await put({ version: "2", isActive: true })).toMatchObject({ constraint: "uq_risk_profiles_profile_id" });
    expect(await put({ version: "2" })).toEqual({ value: 1n });
    expect(await put({ id: one.id, version: "3" })).toMatchObject({ error: "REVISION_CONFLICT" });
  },
  "unique only after index exists": async () => {
    const { db } = rigs().mongo.mongo;
    const profiles = db.collection("risk_profiles");
    const name = "uq_risk_profiles_profile_id";
    const { key, partialFilterExpression } = (await profiles.indexes()).find((index) => index.name === name)!;
    await profiles.dropIndex(name);
    const opening = outcomeOf(() => openPolicy({ mongo: rigs().mongo.mongo, stage: "mongo" }));
    expect(await opening).toMatchObject({ error: "MONGO_SCHEMA_DIFFERS" });
    // A key of all rows is another key.
    await profiles.createIndex(key, { name, unique: true });
    const again = outcomeOf(() => openPolicy({ mongo: rigs().mongo.mongo, stage: "mongo" }));
    expect(await again).toMatchObject({ error: "MONGO_SCHEMA_DIFFERS" });
    await profiles.dropIndex(name);
    await profiles.createIndex(key, { name, unique: true, partialFilterExpression: partialFilterExpression! });
  },
  "long key in an index": async () => {
    // Of code points that take four bytes and do not repeat, so that no compression helps.
    const long = (length: number) =>
      Array.from({ length }, (_, i) => String.fromCodePoint(0x10000 + ((i * 7_919) % 0xfffff)))
        .join("")
        .toWellFormed();
    const one = riskProfile({ profileId: long(200), version: long(100) });
    expect(await both(({ riskProfiles }) => riskProfiles.put(one, 0n))).toEqual({ value: 1n });
    expect(await both(({ riskProfiles }) => riskProfiles.history(one.profileId))).toMatchObject({
      value: { items: [{ id: one.id }] },
    });
    const held = exception({ exceptionId: long(200), vulnerability: long(200).slice(2) });
    expect(await both(({ exceptions }) => exceptions.put(held, 0n))).toEqual({ value: 1n });
  },
  "write concern": async () => {
    // What is acknowledged is in a majority's journal, and is what the next read gives.
    expect(rigs().mongo.mongo.client.options.writeConcern).toMatchObject({ w: "majority", j: true });
    const { rows } = await rigs().postgres.postgres.pool.query(
      "select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit",
    );
    expect(rows).toEqual([{ fsync: "on", commit: "on" }]);
  },
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
});
