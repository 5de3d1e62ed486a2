import { findingsOf } from "@stellaops/cutover";
import { tenantId } from "@stellaops/kernel";
import { openMongo } from "@stellaops/mongo";
import { crossingRig } from "@stellaops/testkit/module";
import { expect, it } from "vitest";
import { packVersions } from "../src/aggregates.ts";
import { packHash, wiring } from "../src/index.ts";
import { noon, packVersion } from "./samples.ts";

const acme = tenantId("acme");
const wait = { interval: 20, timeout: 30_000 };

/** MongoDB cannot refuse it: a validator sees the new document alone, and a role has no rule by content. */
it("frozen.mongo: a published version that a driver writes to is found, and PostgreSQL keeps what was published", async () => {
  await using at = await crossingRig(wiring);
  await at.begin();
  const mongo = openMongo({ url: at.urls.mongo });
  try {
    const service = await at.open();
    const [one, two, clean] = [packVersion(), packVersion(), packVersion()];
    const { packVersions: on } = service.tenant(acme);
    for (const made of [one, two, clean]) {
      await on.put(made, 0n);
      await on.publish({ id: made.id, by: "ada", at: noon });
    }
    await at.advance("dual-write");
    await at.backfill();
    await expect.poll(at.pending, wait).toBe(0);
    expect(findingsOf(await at.compare())).toBe(0);
    await service.close();

    // While no service runs, and so nothing captures: the content differs, and its hash is not of it.
    const documents = mongo.db.collection("pack_versions");
    await documents.updateOne({ id: one.id }, { $set: { source: "tampered" } });
    await documents.updateOne({ id: two.id }, { $pull: { rules: { ruleKey: "warn-high" } } } as never);
    const found = (await at.compare()).aggregates.flatMap(({ findings }) => findings);
    const told = found.map(({ id, class: kind, paths }) => [
      id,
      kind,
      paths.find(({ path }) => path === "contentHash"),
    ]);
    const tampered = [
      { ...one, source: "tampered" },
      { ...two, rules: two.rules.filter(({ ruleKey }) => ruleKey !== "warn-high") },
    ];
    expect(told).toMatchObject(tampered.map((of) => [of.id, "differing", { expected: packHash(of) }]));

    // Once a service captures it, it is as any other write: PostgreSQL refuses it, and it is parked with the reason.
    await at.open();
    await expect.poll(async () => (await at.copies.mongo.backlog()).parked, wait).toBe(2);
    const reason = expect.stringMatching(/^IMMUTABLE/) as string;
    expect(await at.copies.mongo.parked(10)).toMatchObject([one, two].map(({ id }) => ({ id, reason })));
    const states = await at.copies.postgres.read(packVersions, acme, [one.id, two.id, clean.id]);
    const kept = new Map(states.map(({ id, value }) => [id, value]));
    for (const { id, source, rules } of [one, two, clean])
      expect(kept.get(id)).toMatchObject({ source, rules, status: "published" });
  } finally {
    await mongo.close();
  }
});
