import { claimsContract, inTurn, outcomeOf, readerContract, retentionContract } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import { deliveryStatuses, type Delivery, type DeliveryStatus, type NotifyRepositories } from "../../src/index.ts";
import { claim, fresh, minute, newId, noon, refOf } from "../samples.ts";
import { backoff, delivery } from "../work/samples.ts";

const released = { leaseHolder: null, leaseUntil: null, claimId: null };
const deliveryOf = ({ at, ...given }: ReturnType<typeof delivery>): Delivery => ({
  ...given,
  status: "queued",
  attempt: 0n,
  response: null,
  error: null,
  nextAttemptAt: at,
  sentAt: null,
  ...released,
  createdAt: at,
  updatedAt: at,
});
const lost = { error: "CLAIM_LOST", family: "conflict" };
const legal = new Set([
  "queued>digested",
  "queued>throttled",
  "queued>failed",
  "sent>delivered",
  "sent>failed",
  "failed>queued",
  "digested>queued",
  "digested>sent",
  "digested>failed",
  "throttled>queued",
  "throttled>failed",
]);

export function deliveriesContract(rig: () => Rig<NotifyRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).deliveries;
  const acme = () => at("acme");
  const leased = <T extends Pick<Delivery, "attempt">>(row: T) => ({ ...row, attempts: row.attempt });
  const one = async (over: Partial<ReturnType<typeof delivery>> = {}) => {
    const { id } = (await acme().enqueue(delivery(over))).delivery;
    const [mine] = await acme().claim(claim({ limit: 1 }));
    expect(mine?.id).toBe(id);
    return refOf(mine!);
  };
  readerContract({
    name: "deliveries",
    get: (tenant, id) => at(tenant).get(id),
    list: (tenant) => (request) => at(tenant).list(request),
    add: (tenant, item) => {
      const { id, ruleId, channelId, idempotencyKey } = item as Delivery;
      return at(tenant).enqueue(delivery({ id, ruleId, channelId, idempotencyKey }));
    },
    make: (id = newId()) => deliveryOf(delivery({ id })),
  });
  claimsContract({
    name: "deliveries",
    verb: "claim",
    add: (tenant, { id, due }) => at(tenant).enqueue(delivery({ id, dueAt: due })),
    claim: async (tenant, request) => (await at(tenant).claim(request)).map(leased),
    heartbeat: async (tenant, ref, lease) => leased(await at(tenant).heartbeat(ref, lease)),
    settle: (tenant, ref, when) => at(tenant).markSent(ref, { response: null, at: when }),
    requeue: (tenant, when) => at(tenant).requeueExpired(when, 100),
    get: async (tenant, id) => {
      const found = await at(tenant).get(id);
      return found === null ? null : leased(found);
    },
  });
  retentionContract({
    name: "deliveries",
    repository: at,
    make: (when, id = newId()) => ({ ...delivery({ id, at: when }), waits: false }),
    add: async (tenant, { waits, ...asked }) => {
      const { id } = (await at(tenant).enqueue(asked)).delivery;
      if (!waits) await at(tenant).transition({ id, from: "queued", to: "failed", at: asked.at });
    },
    least: 7,
    registered: () => rig().registered,
    writes: 2n,
    spared: (when) => ({ ...delivery({ at: when }), waits: true }),
  });

  describe("deliveries, particular", () => {
    it("deliveries.enqueue: one key is one delivery, whatever the second says", async () => {
      const given = delivery();
      const made = { ...deliveryOf(given), revision: 1n, tenantId: "acme" };
      expect(await acme().enqueue(given)).toEqual({ delivery: made, created: true });
      const { idempotencyKey } = given;
      const again = delivery({ idempotencyKey, eventId: "another", dueAt: minute(9) });
      expect(await acme().enqueue(again)).toEqual({ delivery: made, created: false });
      await acme().claim(claim());
      expect(await acme().enqueue(again)).toMatchObject({ created: false, delivery: { status: "sending" } });
      for (const tenant of ["umbrella", "@global"])
        expect(await at(tenant).enqueue(delivery({ idempotencyKey }))).toMatchObject({ created: true });
      expect((await at("umbrella").list()).items).toHaveLength(2);
    });

    it("deliveries.enqueue: one of many at once creates it, and all are given that one", async () => {
      const idempotencyKey = fresh("key");
      const asked = () => acme().enqueue(delivery({ idempotencyKey }));
      const answers = await Promise.all(Array.from({ length: 10 }, asked));
      expect(answers.filter(({ created }) => created)).toHaveLength(1);
      expect(new Set(answers.map((answer) => answer.delivery.id)).size).toBe(1);
      expect((await acme().list()).items).toHaveLength(1);
    });

    it("deliveries.enqueue: what is wrong is refused also when it is there already; an id is one delivery", async () => {
      const given = delivery();
      await acme().enqueue(given);
      const again = (over: object) => outcomeOf(() => acme().enqueue({ ...given, ...over }));
      expect(await again({ channelId: "x" })).toMatchObject({ error: "VALUE_ID", path: "channelId" });
      expect(await again({ rendered: { a: Number.NaN } })).toMatchObject({ error: "VALUE_NOT_FINITE" });
      expect(await again({ idempotencyKey: null })).toMatchObject({ family: "data", path: "idempotencyKey" });
      expect(await again({ idempotencyKey: "another" })).toMatchObject({ error: "REVISION_CONFLICT" });
      expect(await again({})).toMatchObject({ value: { created: false } });
    });

    it("deliveries.markSent: ends the claim, once", async () => {
      const ref = await one();
      const response = { status: 200, "x.y": ["$a"] };
      const done = await acme().markSent(ref, { response, at: minute(1) });
      const told = { ...released, status: "sent", response, sentAt: minute(1), attempt: 1n, revision: 3n };
      expect(done).toMatchObject(told);
      expect(await acme().get(ref.id)).toEqual(done);
      expect(await outcomeOf(() => acme().markSent(ref, { response: null, at: minute(2) }))).toMatchObject(lost);
      expect(await acme().claim(claim({ at: minute(99), until: minute(100) }))).toEqual([]);
    });

    it("deliveries.markFailed: queued again after a pause that grows, and failed for good after the last attempt", async () => {
      const { id } = await one();
      const take = async (after: number) => {
        const [mine] = await acme().claim(claim({ at: minute(after), until: minute(after + 1) }));
        return mine === undefined ? null : refOf(mine);
      };
      const fail = (attempt: bigint, after: number) =>
        acme().markFailed({ id, holder: "w1", attempt }, { error: `no ${attempt}`, at: minute(after), backoff });
      expect(await fail(1n, 1)).toMatchObject({
        ...released,
        status: "queued",
        error: "no 1",
        nextAttemptAt: minute(2),
      });
      expect(await take(1.99)).toBeNull();
      expect(await take(2)).toMatchObject({ id, attempt: 2n });
      expect(await fail(2n, 3)).toMatchObject({ status: "queued", nextAttemptAt: minute(5) });
      expect(await take(5)).toMatchObject({ attempt: 3n });
      expect(await fail(3n, 6)).toMatchObject({ ...released, status: "failed", error: "no 3", attempt: 3n });
      expect(await take(9_999)).toBeNull();
      expect(await outcomeOf(() => fail(3n, 7))).toMatchObject(lost);
    });

    it("deliveries.markFailed: refuses an error that cannot be stored, and another's claim", async () => {
      const ref = await one();
      const fail = (error: string, over = {}) =>
        outcomeOf(() => acme().markFailed({ ...ref, ...over }, { error, at: minute(1), backoff }));
      expect(await fail("\0")).toMatchObject({ error: "VALUE_NUL", path: "error" });
      expect(await fail("x", { holder: "w2" })).toMatchObject(lost);
      expect(await fail("x", { attempt: 2n })).toMatchObject(lost);
      expect(await acme().get(ref.id)).toMatchObject({ status: "sending", leaseHolder: "w1" });
    });

    it("deliveries.requeueExpired: makes those queued again whose senders are gone", async () => {
      const ref = await one();
      expect(await acme().requeueExpired(new Date(minute(5).getTime() - 1), 10)).toBe(0);
      expect(await acme().requeueExpired(minute(5), 10)).toBe(1);
      const told = { ...released, status: "queued", error: "the lease ran out", attempt: 1n };
      expect(await acme().get(ref.id)).toMatchObject(told);
      expect(await outcomeOf(() => acme().markSent(ref, { response: null, at: minute(6) }))).toMatchObject(lost);
      expect(await acme().claim(claim({ at: minute(6), until: minute(7) }))).toMatchObject([{ attempt: 2n }]);
    });

    it("deliveries.acknowledge: once, from sent or delivered", async () => {
      const [plain, arrived] = await inTurn([0, 1], async () => {
        const ref = await one();
        await acme().markSent(ref, { response: null, at: noon });
        return ref.id;
      });
      await acme().transition({ id: arrived!, from: "sent", to: "delivered", at: noon });
      for (const id of [plain!, arrived!]) {
        const seen = await acme().acknowledge(id, minute(3));
        expect(seen).toMatchObject({ status: "acknowledged", updatedAt: minute(3) });
        expect(await acme().get(id)).toEqual(seen);
        expect(await acme().acknowledge(id, minute(4))).toBeNull();
      }
      const { id } = (await acme().enqueue(delivery())).delivery;
      expect(await acme().acknowledge(id, noon)).toBeNull();
      expect(await at("umbrella").acknowledge(plain!, noon)).toBeNull();
      expect(await outcomeOf(() => acme().acknowledge("x", noon))).toMatchObject({ error: "VALUE_ID", path: "id" });
    });

    const inStatus = async (status: DeliveryStatus): Promise<string> => {
      const move = (id: string, from: DeliveryStatus, to: DeliveryStatus) =>
        acme().transition({ id, from, to, at: noon });
      const { id } = (await acme().enqueue(delivery())).delivery;
      if (status === "queued") return id;
      if (status === "digested" || status === "throttled" || status === "failed") {
        await move(id, "queued", status);
        return id;
      }
      const [mine] = await acme().claim(claim());
      if (status === "sending") return id;
      await acme().markSent(refOf(mine!), { response: null, at: noon });
      if (status === "delivered") await move(id, "sent", "delivered");
      if (status === "acknowledged") await acme().acknowledge(id, noon);
      return id;
    };

    it.each(deliveryStatuses.flatMap((from) => deliveryStatuses.map((to) => ({ from, to }))))(
      "deliveries.transition: from $from to $to",
      async ({ from, to }) => {
        const id = await inStatus(from);
        const outcome = await outcomeOf(() => acme().transition({ id, from, to, at: minute(3) }));
        const found = await acme().get(id);
        const may = legal.has(`${from}>${to}`);
        expect(outcome).toMatchObject(may ? { value: found } : { error: "DELIVERY_TRANSITION", family: "conflict" });
        expect(found).toMatchObject(may ? { ...released, status: to } : { status: from });
      },
    );

    it("deliveries.transition: queued once more it is due then; null in another status, and for what is not there", async () => {
      const id = await inStatus("throttled");
      await acme().transition({ id, from: "throttled", to: "queued", at: minute(5) });
      expect(await acme().claim(claim({ at: minute(4), until: minute(9) }))).toEqual([]);
      expect(await acme().claim(claim({ at: minute(5), until: minute(9) }))).toMatchObject([{ id }]);
      expect(await acme().transition({ id, from: "queued", to: "failed", at: noon })).toBeNull();
      expect(await acme().transition({ id: newId(), from: "queued", to: "failed", at: noon })).toBeNull();
    });

    it("deliveries.findByKey: gives the tenant's own before the shared one", async () => {
      const shared = (await at("@global").enqueue(delivery())).delivery;
      const key = shared.idempotencyKey;
      expect(await acme().findByKey(key)).toMatchObject({ tenantId: "@global" });
      await acme().enqueue(delivery({ idempotencyKey: key }));
      expect(await acme().findByKey(key)).toMatchObject({ tenantId: "acme" });
      expect(await acme().findByKey("unknown")).toBeNull();
      expect(await outcomeOf(() => acme().findByKey(null as never))).toMatchObject({ family: "data" });
    });

    it("deliveries.listNewest: newest first, then id descending, own and shared", async () => {
      const times = [1, 3, 2, 2];
      const made = await inTurn(times, async (n) => (await acme().enqueue(delivery({ at: minute(n) }))).delivery);
      const shared = (await at("@global").enqueue(delivery({ at: minute(9) }))).delivery;
      const found = (await acme().listNewest()).items.map(({ id }) => id);
      expect(found).toEqual([shared.id, made[1]!.id, made[3]!.id, made[2]!.id, made[0]!.id]);
      const { next } = await acme().listNewest({ limit: 2 });
      expect((await acme().listNewest({ limit: 2, after: next! })).items.map(({ id }) => id)).toEqual(
        found.slice(2, 4),
      );
    });

    it("deliveries.purge: leaves what is still to be sent, however old", async () => {
      const old = new Date("2001-01-01T00:00:00.000Z");
      const waiting = (await acme().enqueue(delivery({ at: old }))).delivery;
      expect(await acme().purge({ at: noon, keepDays: 7, limit: 10 })).toBe(0);
      await acme().claim(claim());
      expect(await acme().purge({ at: noon, keepDays: 7, limit: 10 })).toBe(0);
      expect(await acme().get(waiting.id)).toMatchObject({ status: "sending" });
    });
  });
}
