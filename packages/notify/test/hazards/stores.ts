import { outcomeOf } from "@stellaops/testkit";
import { expect } from "vitest";
import { openNotify } from "../../src/index.ts";
import { channel, operatorOverride, quietTime, rule } from "../routing/samples.ts";
import { claim, entry, minute, newId, noon, refOf } from "../samples.ts";
import { delivery, event, item } from "../work/samples.ts";
import { refusal, type On } from "./on.ts";

/** What indexes, orders, batches and limits of the stores meet. */
export const stores = ({ both, roundTrip, rigs }: On) => ({
  arrays: async () => {
    // A rule for no kind is for all; a kind is one text of its set, and no set is a kind.
    const made = [rule({ eventKinds: [] }), rule({ eventKinds: ["a", "b"] }), rule({ eventKinds: ["a,b"] })];
    await both(async ({ rules }) => {
      for (const one of made) await rules.put(one, 0n);
    });
    const found = await both(async ({ rules }) => (await rules.listEnabledForEvent("a")).items.length);
    expect(found).toEqual({ value: 2 });
    expect(await both(({ rules }) => rules.listEnabledForEvent(["a"] as never))).toMatchObject({ family: "data" });
  },
  "mixed types in one field": async () => {
    expect(await roundTrip({ name: 1 as never })).toMatchObject(refusal("VALUE_INVALID", "name"));
    const put = (priority: number) => both(({ rules }) => rules.put(rule({ priority }), 0n));
    expect(await put(1.5)).toMatchObject({ family: "data" });
    expect(await put(2 ** 31)).toMatchObject({ family: "data" });
    const odd = channel();
    await rigs()
      .mongo.mongo.db.collection("channels")
      .insertOne({ ...odd, tenantId: "acme", revision: 1n, x: 1 });
    expect(await outcomeOf(() => rigs().mongo.at("acme").channels.get(odd.id))).toMatchObject({
      error: "DOCUMENT_UNREADABLE",
      path: "x",
    });
  },
  "null order": async () => {
    // A digest that is closed is due at no time, which is null: it is before no other, and is never claimed again.
    const [first, second] = [item({ window: "instant" }), item({ window: "instant", at: minute(1) })];
    const [one, all] = [claim({ limit: 1 }), claim({ at: minute(2), until: minute(9) })];
    const flushed = await both(async ({ digests }) => {
      await digests.addItem(first);
      for (const held of await digests.flushDue(one)) await digests.close(refOf(held), { at: noon });
      await digests.addItem(second);
      return (await digests.flushDue(all)).map(({ actionKey }) => actionKey);
    });
    expect(flushed).toEqual({ value: [second.actionKey] });
  },
  "text order": async () => {
    const names = ["\u{1f600}", "\uffff", "é", "z", "a", "Z", "", " ", "e\u0301"];
    const sorted = await both(async ({ rules }) => {
      const made = rule({ eventKinds: names });
      await rules.put(made, 0n);
      return (await rules.get(made.id))?.eventKinds;
    });
    expect(sorted).toEqual({ value: ["", " ", "Z", "a", "e\u0301", "z", "é", "\uffff", "\u{1f600}"] });
  },
  "ties in a sort": async () => {
    const tied = Array.from({ length: 9 }, () => operatorOverride());
    await both(async ({ operatorOverrides }) => {
      for (const one of tied) await operatorOverrides.put(one, 0n);
    });
    let after: string | null = null;
    do {
      const page = await both(({ operatorOverrides }) => operatorOverrides.listActive(noon, { limit: 2, after }));
      after = "value" in page ? (page.value as { next: string | null }).next : null;
    } while (after !== null);
  },
  "duplicate key": async () => {
    const one = channel();
    await both(({ channels }) => channels.put(one, 0n));
    expect(await both(({ channels }) => channels.put(channel({ name: one.name }), 0n))).toMatchObject({
      error: "UNIQUE_VIOLATION",
      constraint: "uq_channels_name",
    });
    expect(await both(({ channels }) => channels.put(channel({ id: one.id }), 0n))).toMatchObject({
      error: "REVISION_CONFLICT",
    });
  },
  "unique only after index exists": async () => {
    const { db } = rigs().mongo.mongo;
    await db.collection("deliveries").dropIndex("uq_deliveries_idempotency_key");
    const opening = outcomeOf(() => openNotify({ mongo: rigs().mongo.mongo, stage: "mongo" }));
    expect(await opening).toMatchObject({ error: "MONGO_SCHEMA_DIFFERS" });
    const key = { tenantId: 1, idempotencyKey: 1 } as const;
    await db.collection("deliveries").createIndex(key, { name: "uq_deliveries_idempotency_key", unique: true });
  },
  "long key in an index": async () => {
    // Of code points that take four bytes and do not repeat, so that no compression helps.
    const long = Array.from({ length: 200 }, (_, i) => String.fromCodePoint(0x10000 + ((i * 7_919) % 0xfffff)))
      .join("")
      .toWellFormed();
    expect(await roundTrip({ name: long })).toMatchObject({ value: { name: long } });
    const asked = delivery({ idempotencyKey: long });
    expect(await both(({ deliveries }) => deliveries.enqueue(asked))).toMatchObject({ value: { created: true } });
    const seen = event({ correlationKey: long });
    expect(await both(({ incidents }) => incidents.correlate(seen))).toMatchObject({ value: { created: true } });
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
    const [a, b] = [newId(), newId()];
    const made = quietTime({ channelIds: [b, a, b], days: ["sun", "mon", "sun"] });
    const read = await both(async ({ quietHours }) => {
      await quietHours.put(made, 0n);
      return quietHours.get(made.id);
    });
    expect(read).toMatchObject({ value: { channelIds: [a, b].toSorted(), days: ["mon", "sun"] } });
  },
  "unordered bulk refused half-way": async () => {
    const [stored, ...rest] = Array.from({ length: 50 }, () => entry({ targetId: "one", occurredAt: minute(1) }));
    await both(({ audit }) => audit.append([stored!]));
    const batch = [...rest, stored!];
    expect(await both(({ audit }) => audit.append(batch))).toMatchObject({ error: "REVISION_CONFLICT" });
    expect(await both(({ audit }) => audit.listByTarget(stored!.targetKind, "one"))).toMatchObject({
      value: { items: [{ id: stored!.id }] },
    });
  },
});
