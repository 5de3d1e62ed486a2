import { indexName, type DataLayerError } from "@stellaops/kernel";
import { inTurn, outcomeOf, repositoryContract, softContract, whole } from "@stellaops/testkit";
import { describe, expect, it } from "vitest";
import { good, minute, newId, type ShopRig } from "./samples.ts";
import type { Good } from "./shop/aggregates.ts";

/** Keys over derived fields, guarded changes with children, appends, descending lists. */
export function goodsContract(rig: ShopRig): void {
  const at = (tenant: string) => rig().at(tenant).goods;
  const subject = {
    name: "goods",
    repository: at,
    make: (id?: string) => good(id === undefined ? {} : { id }),
    twin: ({ name }: Good) => good({ name: name.toUpperCase() }),
    constraint: "uq_goods_name_folded",
  };
  repositoryContract({
    ...subject,
    changed: (was) => ({ ...was, sold: 3n, remarks: [{ body: "x", at: minute(1) }] }),
    registered: () => rig().registered,
  });
  softContract(subject);

  const violation = (call: Promise<unknown>): Promise<DataLayerError> =>
    call.then(
      () => expect.fail("it was stored"),
      (error: DataLayerError) => error,
    );

  describe("unique keys", () => {
    it("name the domain's fields, and tell no value", async () => {
      const pin = "a very secret pin";
      await at("acme").put(good({ name: "Hammer", pin }), 0n);
      const byName = await violation(at("acme").put(good({ name: "HAMMER" }), 0n));
      expect(byName).toMatchObject({
        code: "UNIQUE_VIOLATION",
        message: "another good has this name",
        details: { constraint: "uq_goods_name_folded", table: "goods", fields: ["name"] },
      });
      const byPin = await violation(at("acme").put(good({ pin }), 0n));
      expect(byPin.details).toMatchObject({ constraint: indexName("uq", "goods", ["pin"]), fields: ["pin"] });
      const { cause, message } = byPin;
      expect(`${message} ${String(cause)} ${JSON.stringify(cause)}`).not.toContain(pin);
    });

    it("allow several nulls", async () => {
      await at("acme").put(good(), 0n);
      expect(await at("acme").put(good(), 0n)).toBe(1n);
    });
  });

  describe("one guarded change", () => {
    it("sets, adds, and gives the whole; null when the guard does not hold", async () => {
      const one = good({ pin: "p", sold: 4n });
      await at("acme").put(one, 0n);
      const changed = { ...one, sold: 6n, pin: null, updatedAt: minute(1) };
      expect(
        await at("acme").alter({
          where: { id: one.id, sold: 4n },
          set: { pin: null, updatedAt: minute(1) },
          add: { sold: 2n },
        }),
      ).toEqual({ ...changed, revision: 2n, tenantId: "acme" });
      expect(await at("acme").get(one.id)).toEqual({ ...changed, revision: 2n, tenantId: "acme" });
      const add = { sold: 1n };
      expect(await at("acme").alter({ where: { id: one.id, sold: 4n }, add })).toBeNull();
      expect(await at("acme").alter({ where: { id: one.id, revision: 1n }, add })).toBeNull();
      expect(await at("acme").alter({ where: { id: one.id }, unless: { pin: null }, add })).toBeNull();
      expect(await at("acme").alter({ where: { id: one.id }, unless: { sold: 6n }, add })).toBeNull();
      expect(await at("acme").alter({ where: { id: newId() }, add })).toBeNull();
      expect(await at("umbrella").alter({ where: { id: one.id }, add })).toBeNull();
      expect(await at("acme").alter({ where: { id: one.id, pin: null }, unless: { sold: 5n }, add })).toMatchObject({
        sold: 7n,
        revision: 3n,
      });
    });

    it("refuses bad values, and guards that could match several", async () => {
      const { id } = good();
      expect(await outcomeOf(() => at("acme").alter({ where: { id }, set: { pin: "\0" } }))).toMatchObject({
        error: "VALUE_NUL",
        path: "pin",
      });
      await expect(at("acme").alter({ where: { sold: 1n }, add: { sold: 1n } })).rejects.toThrow(TypeError);
      await expect(at("acme").alter({ where: { id }, set: { name: "other" } })).rejects.toThrow("derived");
    });

    it("puts a child into a set by its key, in order, and takes it out", async () => {
      const one = good({ labels: [{ label: "b", lang: "en", weight: 1n }] });
      await at("acme").put(one, 0n);
      const label = (n: number, child: Parameters<ReturnType<typeof at>["label"]>[2]) =>
        at("acme").label(one.id, minute(n), child);
      const labels = [
        { label: "a", lang: "en", weight: 2n },
        { label: "b", lang: "en", weight: 1n },
      ];
      expect(await label(1, { name: "labels", put: labels[0]! })).toMatchObject({ labels, revision: 2n });
      const heavier = [labels[0], { label: "b", lang: "en", weight: 9n }];
      expect(await label(2, { name: "labels", put: { label: "b", lang: "en", weight: 9n } })).toMatchObject({
        labels: heavier,
        revision: 3n,
      });
      expect(await at("acme").get(one.id)).toMatchObject({ labels: heavier, revision: 3n, updatedAt: minute(2) });
      const there = { label: "a", lang: "en", weight: 5n };
      expect(await label(3, { name: "labels", put: there, when: "absent" })).toBeNull();
      expect(await label(3, { name: "labels", put: { ...there, lang: "de" }, when: "present" })).toBeNull();
      expect(await label(3, { name: "labels", remove: { label: "a", lang: "de" } })).toBeNull();
      expect(await at("acme").get(one.id)).toMatchObject({ labels: heavier, revision: 3n });
      const german = { ...there, lang: "de" };
      expect(await label(4, { name: "labels", put: german, when: "absent" })).toMatchObject({
        labels: [german, ...heavier],
        revision: 4n,
      });
      const gone = { ...one, labels: [german, heavier[1]], updatedAt: minute(5), revision: 5n, tenantId: "acme" };
      expect(await label(5, { name: "labels", remove: { label: "a", lang: "en" } })).toEqual(gone);
      expect(await at("acme").get(one.id)).toEqual(gone);
      expect(await outcomeOf(() => label(6, { name: "labels", put: { ...there, lang: "\0" } }))).toMatchObject({
        error: "VALUE_NUL",
        path: "labels.0.lang",
      });
      expect(await outcomeOf(() => label(6, { name: "labels", remove: { label: "\0", lang: "en" } }))).toMatchObject({
        error: "VALUE_NUL",
        path: "labels.0.label",
      });
    });

    it("adds every one of many children at once to the end of a list", async () => {
      const one = good();
      await at("acme").put(one, 0n);
      const remarks = Array.from({ length: 12 }, (_, i) => ({ body: `${i}`, at: minute(i) }));
      const answers = await Promise.all(
        remarks.map((put) => at("acme").label(one.id, minute(1), { name: "remarks", put })),
      );
      for (const [i, answer] of answers.entries()) expect(answer?.remarks.at(-1)).toEqual(remarks[i]);
      const stored = await at("acme").get(one.id);
      expect(stored?.revision).toBe(13n);
      expect(new Set(stored?.remarks.map(({ body }) => body))).toEqual(new Set(remarks.map(({ body }) => body)));
      const last = answers.find((answer) => answer?.revision === 13n);
      expect(last).toEqual(stored);
    });

    it("puts one child of many callers that want it absent", async () => {
      const one = good();
      await at("acme").put(one, 0n);
      const put = (weight: bigint) =>
        ({ name: "labels", put: { label: "x", lang: "", weight }, when: "absent" }) as const;
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, i) => at("acme").label(one.id, minute(1), put(BigInt(i)))),
      );
      expect(answers.filter((answer) => answer !== null)).toHaveLength(1);
      expect(await at("acme").get(one.id)).toMatchObject({ revision: 2n });
    });

    it("enters the register as any other change", async () => {
      const one = good();
      await at("acme").put(one, 0n);
      await at("acme").label(one.id, minute(1), { name: "remarks", put: { body: "x", at: minute(1) } });
      await at("acme").softDelete(one.id, 2n, { by: "ada", at: minute(2) });
      await at("acme").alter({ where: { id: one.id, sold: 99n }, add: { sold: 1n } });
      const entries = await rig().register();
      expect(entries).toEqual(
        rig().registered
          ? [
              {
                aggregate: "goods",
                tenantId: "acme",
                id: one.id,
                generation: 7n,
                revision: 3n,
                deleted: false,
                pending: true,
              },
            ]
          : [],
      );
    });
  });

  describe("batches and lists", () => {
    it("append all or none, no id twice, no more than they may", async () => {
      const [a, b] = [good(), good()];
      await at("acme").appendGoods([b, a]);
      expect(await outcomeOf(() => at("acme").appendGoods([good(), a]))).toMatchObject({ error: "REVISION_CONFLICT" });
      expect(await outcomeOf(() => at("acme").appendGoods([a, a]))).toMatchObject({ error: "BATCH_DUPLICATE" });
      expect(await outcomeOf(() => at("acme").appendGoods([1, 2, 3, 4].map(() => good())))).toMatchObject({
        error: "BATCH_TOO_LARGE",
      });
      expect((await at("acme").list()).items).toHaveLength(2);
    });

    it("go down by instant, count, id and tenant, own and shared together", async () => {
      const rows = [0, 1, 2, 3, 4, 5].map((n) => good({ createdAt: minute(n % 3), sold: BigInt(n % 2) }));
      await inTurn(rows, (row) => at("acme").put(row, 0n));
      const twin = good({ id: rows[5]!.id, createdAt: minute(2), sold: 1n });
      await at("@global").put(twin, 0n);
      await at("umbrella").put(good(), 0n);
      const found = await whole((request) => at("acme").listNewest(request));
      const down = [...rows.map((row) => ({ ...row, tenantId: "acme" })), { ...twin, tenantId: "@global" }].toSorted(
        (a, b) =>
          b.createdAt.getTime() - a.createdAt.getTime() ||
          Number(b.sold - a.sold) ||
          (a.id < b.id ? 1 : a.id > b.id ? -1 : a.tenantId < b.tenantId ? 1 : -1),
      );
      expect(found.map(({ id, tenantId }) => [id, tenantId])).toEqual(down.map(({ id, tenantId }) => [id, tenantId]));
    });
  });
}
