import { manualClock, seededIds, type ClaimRef, type ClaimRequest, type Lease } from "@stellaops/kernel";
import { describe, expect, it } from "vitest";
import { inTurn, outcomeOf } from "../contract.ts";

/** What is claimed, as far as this contract knows it. */
export interface Leased {
  readonly id: string;
  readonly attempts: bigint;
  readonly leaseHolder: string | null;
  readonly leaseUntil: Date | null;
  readonly claimId: string | null;
  readonly revision: bigint;
  readonly tenantId: string;
}

export interface Ready {
  readonly id: string;
  readonly due: Date;
  /** 0 comes first. */
  readonly rank: number;
}

export interface ClaimsSubject {
  readonly name: string;
  /** Of the claim, as test names carry it. */
  readonly verb: string;
  /** How many ranks there are; 1 when left out. */
  readonly ranks?: number;
  /** Stores one that is ready to be claimed when it is due, whichever verb does that. */
  add(tenant: string, ready: Ready): Promise<unknown>;
  claim(tenant: string, request: ClaimRequest): Promise<readonly Leased[]>;
  heartbeat(tenant: string, ref: ClaimRef, lease: Lease): Promise<Leased>;
  /** Ends a claim for good: it is not ready again. */
  settle(tenant: string, ref: ClaimRef, at: Date): Promise<unknown>;
  /** Makes those ready again whose leases ran out; left out where a claim takes them by itself. */
  requeue?(tenant: string, at: Date): Promise<unknown>;
  get(tenant: string, id: string): Promise<Leased | null>;
}

const noon = new Date("2026-03-01T12:00:00.000Z");
const ids = seededIds(manualClock(noon), 99);
export const newId = (): string => ids.next();
/** So many seconds after noon. */
export const second = (n: number): Date => new Date(noon.getTime() + n * 1_000);
/** A claim of so many at noon for a minute. */
export const request = (holder: string, over: Partial<ClaimRequest> = {}): ClaimRequest => ({
  limit: 10,
  holder,
  at: noon,
  until: second(60),
  claimId: newId(),
  ...over,
});
export const refOf = ({ id, leaseHolder, attempts }: Leased): ClaimRef => ({
  id,
  holder: String(leaseHolder),
  attempt: attempts,
});
export const lost = { error: "CLAIM_LOST", family: "conflict" };

/** Gives each in its turn, as the first that was added; ids rise with it. */
export const added = async (
  { add }: Pick<ClaimsSubject, "add">,
  all: readonly Omit<Ready, "id">[],
): Promise<readonly string[]> =>
  inTurn(all, async (one) => {
    const id = newId();
    await add("acme", { id, ...one });
    return id;
  });

/** What every queue of the shared packages does: each row that is due goes to one holder, under a lease. */
export function claimsContract(subject: ClaimsSubject): void {
  const { name, verb, ranks = 1, add, claim, heartbeat, settle, get } = subject;
  const ready = (n: number, due = 0) =>
    added(
      subject,
      Array.from({ length: n }, () => ({ due: second(due), rank: 0 })),
    );
  const taken = async (holder: string, over?: Partial<ClaimRequest>) =>
    (await claim("acme", request(holder, over))).map(({ id }) => id);

  describe(`${name}, claimed`, () => {
    it(`${name}.${verb}: gives what is due with a lease, an attempt counted, and keeps that`, async () => {
      const [id = ""] = await ready(1);
      const before = await get("acme", id);
      const claimId = newId();
      const claimed = await claim("acme", request("a", { claimId }));
      const lease = { id, leaseHolder: "a", leaseUntil: second(60), claimId, updatedAt: noon };
      expect(claimed).toMatchObject([{ ...lease, attempts: (before?.attempts ?? 0n) + 1n, revision: 2n }]);
      expect(await get("acme", id)).toEqual(claimed[0]);
    });

    it(`${name}.${verb}: gives by rank, then when it is due, then id, and what is not due yet stays`, async () => {
      const all = Array.from({ length: 3 * ranks }, (_, i) => ({ rank: i % ranks, due: second(-(i % 4)) }));
      const stored = await added(subject, all);
      await added(subject, [{ rank: 0, due: second(0.001) }]);
      const order = stored
        .map((id, i) => ({ id, ...all[i]! }))
        .toSorted((a, b) => a.rank - b.rank || a.due.getTime() - b.due.getTime() || (a.id < b.id ? -1 : 1))
        .map(({ id }) => id);
      expect(await taken("a", { limit: 2 })).toEqual(order.slice(0, 2));
      expect(await taken("b", { limit: 100 })).toEqual(order.slice(2));
      expect(await taken("c")).toEqual([]);
    });

    it(`${name}.${verb}: at the first instant that is stored nothing is due, and nothing is in the way of what comes`, async () => {
      expect(await taken("a", { at: new Date("0001-01-01T00:00:00.000Z") })).toEqual([]);
      const stored = await ready(1);
      expect(await taken("a")).toEqual(stored);
    });

    it(`${name}.${verb}: gives the tenant's own only`, async () => {
      await add("umbrella", { id: newId(), due: noon, rank: 0 });
      await add("@global", { id: newId(), due: noon, rank: 0 });
      const [own] = await ready(1);
      expect(await taken("a")).toEqual([own]);
      expect(await claim("@global", request("b"))).toMatchObject([{ tenantId: "@global" }]);
    });

    it(`${name}.${verb}: gives each to one of many at once, and all of them to someone`, async () => {
      // A tenant of its own: who collided on MongoDB chooses among the first few for a while.
      const crowd = "crowd";
      const all = await inTurn(Array.from({ length: 40 }, newId), async (id) => {
        await add(crowd, { id, due: noon, rank: 0 });
        return id;
      });
      const worker = async (holder: string): Promise<readonly string[]> => {
        const mine: string[] = [];
        for (;;) {
          const some = await claim(crowd, request(holder, { limit: 3 }));
          if (some.length === 0) return mine;
          mine.push(...some.map(({ id }) => id));
        }
      };
      const given = (await Promise.all(Array.from({ length: 6 }, (_, i) => worker(`holder ${i}`)))).flat();
      // Who finds nothing while others are claiming ends early; what is left is claimed by the last.
      given.push(...(await worker("last")));
      expect(given.toSorted()).toEqual(all.toSorted());
    });

    it.each([0, -1, 1.5, 101, Number.NaN])(`${name}.${verb}: refuses a limit of %d`, async (limit) => {
      expect(await outcomeOf(() => claim("acme", request("a", { limit })))).toMatchObject({ error: "LIMIT_INVALID" });
    });

    it(`${name}.${verb}: refuses a lease that ends before it begins, and what is no holder and no claim`, async () => {
      await ready(1);
      const ask = (over: Partial<ClaimRequest>) => outcomeOf(() => claim("acme", request("a", over)));
      expect(await ask({ until: noon })).toMatchObject({ error: "LEASE_INVALID", family: "data" });
      expect(await ask({ holder: "\0" })).toMatchObject({ error: "VALUE_NUL", path: "leaseHolder" });
      expect(await ask({ claimId: "no id" })).toMatchObject({ error: "VALUE_ID", path: "claimId" });
      expect(await taken("a")).toHaveLength(1);
    });

    it(`${name}.heartbeat: moves the end of the lease, also of one that has run out and was not given away`, async () => {
      await ready(1);
      const [mine] = await claim("acme", request("a"));
      const beat = (at: number, until: number) =>
        heartbeat("acme", refOf(mine!), { at: second(at), until: second(until) });
      expect(await beat(30, 90)).toMatchObject({ leaseUntil: second(90), attempts: mine!.attempts, revision: 3n });
      expect(await beat(100, 200)).toMatchObject({ leaseUntil: second(200) });
      expect(await get("acme", mine!.id)).toMatchObject({ leaseHolder: "a", leaseUntil: second(200) });
    });

    it(`${name}.${verb}: gives what another's lease ran out on, and the other is refused from then on`, async () => {
      await ready(1);
      const [late] = await claim("acme", request("late"));
      expect(await taken("next", { at: second(59.999), until: second(99) })).toEqual([]);
      await subject.requeue?.("acme", second(60));
      const [next] = await claim("acme", request("next", { at: second(60), until: second(99) }));
      expect(next).toMatchObject({ id: late!.id, leaseHolder: "next", attempts: late!.attempts + 1n });
      const beat = { at: second(61), until: second(999) };
      expect(await outcomeOf(() => heartbeat("acme", refOf(late!), beat))).toMatchObject(lost);
      expect(await outcomeOf(() => settle("acme", refOf(late!), second(61)))).toMatchObject(lost);
      expect(await get("acme", late!.id)).toEqual(next);
    });

    it(`${name}.heartbeat: refuses another holder, another attempt, another tenant, and what was settled`, async () => {
      await ready(1);
      const [mine] = await claim("acme", request("a"));
      const ref = refOf(mine!);
      const beat = (over: Partial<ClaimRef>, tenant = "acme") =>
        outcomeOf(() => heartbeat(tenant, { ...ref, ...over }, { at: second(1), until: second(90) }));
      expect(await beat({ holder: "b" })).toMatchObject(lost);
      expect(await beat({ attempt: ref.attempt + 1n })).toMatchObject(lost);
      expect(await beat({ id: newId() })).toMatchObject(lost);
      expect(await beat({}, "umbrella")).toMatchObject(lost);
      expect(await get("acme", ref.id)).toEqual(mine);
      await settle("acme", ref, second(2));
      expect(await beat({})).toMatchObject(lost);
      expect(await outcomeOf(() => settle("acme", ref, second(3)))).toMatchObject(lost);
    });

    it(`${name}: a claim is settled by one of many that have it`, async () => {
      await ready(1);
      const [mine] = await claim("acme", request("a"));
      const race = Array.from({ length: 6 }, () => outcomeOf(() => settle("acme", refOf(mine!), second(1))));
      const outcomes = await Promise.all(race);
      expect(outcomes.filter((outcome) => "value" in outcome)).toHaveLength(1);
      const late = outcomes.filter((outcome) => "error" in outcome);
      expect(late).toMatchObject(late.map(() => lost));
      expect(await get("acme", mine!.id)).toMatchObject({ leaseHolder: null, leaseUntil: null, claimId: null });
    });
  });
}
