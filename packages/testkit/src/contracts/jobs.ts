import type { Aggregate, ClaimRef, Jobs, Queue, Reader } from "@stellaops/kernel";
import { describe, expect, it } from "vitest";
import { outcomeOf } from "../contract.ts";
import {
  added,
  claimsContract,
  lost,
  newId,
  refOf,
  request,
  second,
  type ClaimsSubject,
  type Leased,
} from "./claims.ts";

export interface JobsSubject<A extends Aggregate> extends Pick<ClaimsSubject, "name" | "ranks" | "add"> {
  /** `@global` is the shared scope. */
  jobs(tenant: string): Jobs<A> & Pick<Reader<A>, "get">;
  readonly status: {
    readonly ready: string;
    readonly taken: string;
    readonly done: string;
    readonly failed: string;
  };
  /** Whose fields have other names than those of `jobFields`. */
  readonly queue?: Pick<Queue, "due" | "attempts" | "error">;
}

const names = { due: "availableAt", attempts: "attempts", error: "lastError" };

/** What every repository of jobs does: claims, and how they end. */
export function jobsContract<A extends Aggregate>(subject: JobsSubject<A>): void {
  const { name, add, jobs, status, queue = names } = subject;
  const acme = () => jobs("acme");
  const leased = (found: unknown): Leased => {
    const row = found as Leased & Readonly<Record<string, bigint>>;
    return { ...row, attempts: row[queue.attempts] ?? 0n };
  };
  const claim: ClaimsSubject["claim"] = async (tenant, one) => (await jobs(tenant).claim(one)).map(leased);
  claimsContract({
    ...subject,
    verb: "claim",
    claim,
    heartbeat: async (tenant, ref, lease) => leased(await jobs(tenant).heartbeat(ref, lease)),
    settle: (tenant, ref, at) => jobs(tenant).complete(ref, { at }),
    requeue: (tenant, at) => jobs(tenant).requeueExpired(at, 100),
    get: async (tenant, id) => {
      const found = await jobs(tenant).get(id);
      return found === null ? null : leased(found);
    },
  });
  const one = async (holder = "a"): Promise<ClaimRef> => {
    await added(subject, [{ due: second(0), rank: 0 }]);
    const [mine] = await claim("acme", request(holder));
    return refOf(mine!);
  };
  const released = { leaseHolder: null, leaseUntil: null, claimId: null };

  describe(`${name}, jobs`, () => {
    it(`${name}.claim: makes it ${status.taken}`, async () => {
      const { id } = await one();
      expect(await acme().get(id)).toMatchObject({ status: status.taken, [queue.attempts]: 1n });
    });

    it(`${name}.complete: makes it ${status.done}, lets go of it, and it is not claimed again`, async () => {
      const ref = await one();
      const done = await acme().complete(ref, { at: second(5) });
      expect(done).toMatchObject({
        ...released,
        status: status.done,
        [queue.attempts]: 1n,
        updatedAt: second(5),
        revision: 3n,
      });
      expect(await acme().get(ref.id)).toEqual(done);
      expect(await acme().claim(request("b", { at: second(999), until: second(1_000) }))).toEqual([]);
    });

    it(`${name}.complete: is still the holder's after its lease ran out, until another has it`, async () => {
      const ref = await one();
      expect(await acme().complete(ref, { at: second(100) })).toMatchObject({ status: status.done });
    });

    it(`${name}.fail: makes it ${status.ready} again when it is to be tried again, due then, with the error`, async () => {
      const ref = await one();
      const failed = await acme().fail(ref, { error: "timeout $x", at: second(5), retryAt: second(30) });
      const told = {
        ...released,
        status: status.ready,
        [queue.error]: "timeout $x",
        [queue.attempts]: 1n,
        [queue.due]: second(30),
      };
      expect(failed).toMatchObject(told);
      expect(await acme().get(ref.id)).toEqual(failed);
      const again = (at: number) => acme().claim(request("b", { at: second(at), until: second(100) }));
      expect(await again(29.999)).toEqual([]);
      expect(await again(30)).toMatchObject([{ id: ref.id, [queue.attempts]: 2n, leaseHolder: "b" }]);
      expect(await outcomeOf(() => acme().fail(ref, { error: "x", at: second(31), retryAt: null }))).toMatchObject(
        lost,
      );
    });

    it(`${name}.fail: makes it ${status.failed} for good`, async () => {
      const ref = await one();
      const failed = await acme().fail(ref, { error: "", at: second(5), retryAt: null });
      expect(failed).toMatchObject({ ...released, status: status.failed, [queue.error]: "" });
      expect(await acme().claim(request("b", { at: second(999), until: second(1_000) }))).toEqual([]);
    });

    it(`${name}.fail: refuses an error that cannot be stored, and another's claim`, async () => {
      const ref = await one();
      const fail = (error: string, over: Partial<ClaimRef> = {}) =>
        outcomeOf(() => acme().fail({ ...ref, ...over }, { error, at: second(5), retryAt: null }));
      expect(await fail("\0")).toMatchObject({ error: "VALUE_NUL", path: queue.error });
      expect(await fail("x", { holder: "b" })).toMatchObject(lost);
      expect(await acme().get(ref.id)).toMatchObject({ status: status.taken, leaseHolder: "a" });
    });

    it(`${name}.requeueExpired: makes those ready whose leases ran out, and their holders are refused`, async () => {
      const [late, early] = [await one("late"), await one("early")];
      await acme().heartbeat(early, { at: second(1), until: second(200) });
      await add("acme", { id: newId(), due: second(0), rank: 0 });
      expect(await acme().requeueExpired(second(59.999), 10)).toBe(0);
      expect(await acme().requeueExpired(second(60), 10)).toBe(1);
      expect(await acme().get(late.id)).toMatchObject({ ...released, status: status.ready, [queue.attempts]: 1n });
      expect(await acme().get(early.id)).toMatchObject({ status: status.taken, leaseHolder: "early" });
      expect(await outcomeOf(() => acme().complete(late, { at: second(61) }))).toMatchObject(lost);
      const given = await acme().claim(request("next", { at: second(61), until: second(99) }));
      expect(given.map((job) => leased(job)).find(({ id }) => id === late.id)).toMatchObject({ attempts: 2n });
    });

    it(`${name}.requeueExpired: takes the tenant's own, so many at once, each once however many ask`, async () => {
      await added(
        subject,
        Array.from({ length: 9 }, () => ({ due: second(0), rank: 0 })),
      );
      await acme().claim(request("a"));
      await add("umbrella", { id: newId(), due: second(0), rank: 0 });
      await jobs("umbrella").claim(request("a"));
      expect(await acme().requeueExpired(second(100), 4)).toBe(4);
      const counts = await Promise.all(Array.from({ length: 4 }, () => acme().requeueExpired(second(100), 100)));
      expect(counts.reduce((sum, n) => sum + n, 0)).toBe(5);
      expect(await acme().requeueExpired(second(100), 100)).toBe(0);
      expect(await jobs("umbrella").requeueExpired(second(100), 100)).toBe(1);
      expect(await outcomeOf(() => acme().requeueExpired(second(100), 0))).toMatchObject({ error: "LIMIT_INVALID" });
    });
  });
}
