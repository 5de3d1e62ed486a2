import {
  duplicateKey,
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
import { openNotify } from "../../src/index.ts";
import { channel, operatorOverride, quietTime, rule } from "../routing/samples.ts";
import { claim, entry, minute, newId, noon, refOf } from "../samples.ts";
import { delivery, event, item } from "../work/samples.ts";
import type { On } from "./on.ts";

/** What indexes, orders, batches and limits of the stores meet. */
export const stores = (on: On) => {
  const { both, roundTrip } = on;
  return {
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
      expect(await roundTrip({ name: 1 })).toMatchObject(refusal("VALUE_INVALID", "name"));
      const put = (priority: number) => both(({ rules }) => rules.put(rule({ priority }), 0n));
      expect(await put(1.5)).toMatchObject({ family: "data" });
      expect(await put(2 ** 31)).toMatchObject({ family: "data" });
      await foreignDocument(on, {
        table: "channels",
        document: channel(),
        get: ({ channels }, id) => channels.get(id),
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
      const sorted = await both(async ({ rules }) => {
        const made = rule({ eventKinds: textsInDisorder });
        await rules.put(made, 0n);
        return (await rules.get(made.id))?.eventKinds;
      });
      expect(sorted).toEqual({ value: textsInOrder });
    },
    "ties in a sort": async () => {
      const tied = Array.from({ length: 9 }, () => operatorOverride());
      await both(async ({ operatorOverrides }) => {
        for (const one of tied) await operatorOverrides.put(one, 0n);
      });
      await samePages(on, {
        count: 9,
        page: ({ operatorOverrides }, request) => operatorOverrides.listActive(noon, request),
      });
    },
    "duplicate key": () =>
      duplicateKey(on, {
        make: channel,
        put: ({ channels }, one) => channels.put(one, 0n),
        field: "name",
        constraint: "uq_channels_name",
      }),
    "unique only after index exists": () =>
      indexGone(on, { table: "deliveries", index: "uq_deliveries_idempotency_key", open: openNotify }),
    "long key in an index": async () => {
      const long = longText(200);
      expect(await roundTrip({ name: long })).toMatchObject({ value: { name: long } });
      const asked = delivery({ idempotencyKey: long });
      expect(await both(({ deliveries }) => deliveries.enqueue(asked))).toMatchObject({ value: { created: true } });
      const seen = event({ correlationKey: long });
      expect(await both(({ incidents }) => incidents.correlate(seen))).toMatchObject({ value: { created: true } });
    },
    "write concern": () => writeConcern(on),
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
  };
};
