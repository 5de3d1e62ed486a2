import { manualClock, seededIds, type Acquire, type Held, type Page, type PageRequest } from "@stellaops/kernel";
import { describe, expect, it } from "vitest";
import { outcomeOf } from "../contract.ts";

interface LockRow {
  readonly id: string;
  readonly lockKey: string;
  readonly holder: string | null;
  readonly fencingToken: bigint;
  readonly revision: bigint;
}

/** Locks as far as this contract knows them. */
interface LocksLike {
  acquire(request: Acquire): Promise<Held | null>;
  renew(holding: Omit<Held, "expiresAt"> & { readonly at: Date; readonly until: Date }): Promise<boolean>;
  release(holding: Omit<Held, "expiresAt"> & { readonly at: Date }): Promise<boolean>;
  list(request?: PageRequest): Promise<Page<LockRow>>;
}

export interface LocksSubject {
  readonly name: string;
  /** `@global` is the shared scope. */
  locks(tenant: string): LocksLike;
}

const noon = new Date("2026-03-01T12:00:00.000Z");
const ids = seededIds(manualClock(noon), 77);
/** So many seconds after noon. */
const second = (n: number): Date => new Date(noon.getTime() + n * 1_000);

/** What every repository with `lockFields` does. */
export function locksContract({ name, locks }: LocksSubject): void {
  const acme = () => locks("acme");
  const acquire = (holder: string, [from, until]: readonly [number, number], tenant = "acme") =>
    locks(tenant).acquire({ key: "the lock", id: ids.next(), holder, at: second(from), until: second(until) });
  const held = (holder: string, token: bigint, until: number) => ({
    key: "the lock",
    holder,
    token,
    expiresAt: second(until),
  });
  const holding = (holder: string, token: bigint) => ({ key: "the lock", holder, token });
  const row = async (): Promise<LockRow | undefined> => {
    const { items } = await acme().list();
    expect(items.length).toBeLessThanOrEqual(1);
    return items[0];
  };

  describe(`${name}, locks`, () => {
    it(`${name}.acquire: gives the lock with its first token`, async () => {
      expect(await acquire("a", [0, 10])).toEqual(held("a", 1n, 10));
      expect(await row()).toMatchObject({ lockKey: "the lock", holder: "a", fencingToken: 1n, revision: 1n });
    });

    it(`${name}.acquire: gives null while another holds it, and changes nothing`, async () => {
      await acquire("a", [0, 10]);
      const before = await row();
      expect(await acquire("b", [0, 99])).toBeNull();
      expect(await acquire("b", [9.999, 99])).toBeNull();
      expect(await row()).toEqual(before);
    });

    it(`${name}.acquire: takes over what has run out; the older token is void`, async () => {
      await acquire("a", [0, 10]);
      expect(await acquire("b", [10, 20])).toEqual(held("b", 2n, 20));
      expect(await acme().renew({ ...holding("a", 1n), at: second(11), until: second(99) })).toBe(false);
      expect(await acme().release({ ...holding("a", 1n), at: second(11) })).toBe(false);
      expect(await row()).toMatchObject({ holder: "b", fencingToken: 2n });
    });

    it(`${name}.acquire: gives the same holder a new token; its older one is void`, async () => {
      await acquire("a", [0, 10]);
      expect(await acquire("a", [1, 11])).toEqual(held("a", 2n, 11));
      expect(await acme().renew({ ...holding("a", 1n), at: second(2), until: second(99) })).toBe(false);
      expect(await acme().renew({ ...holding("a", 2n), at: second(2), until: second(12) })).toBe(true);
    });

    it(`${name}.acquire: lets one of many win, again and again, with tokens that only grow`, async () => {
      for (let turn = 0; turn < 5; turn += 1) {
        const from = turn * 10;
        const race = Array.from({ length: 8 }, (_, i) => acquire(`holder ${turn} ${i}`, [from, from + 10]));
        const won = (await Promise.all(race)).filter((answer) => answer !== null);
        expect(won.map(({ token }) => token)).toEqual([BigInt(turn + 1)]);
      }
    });

    it(`${name}.acquire: keeps tenants and keys apart`, async () => {
      await acquire("a", [0, 10]);
      expect(await acquire("b", [0, 10], "umbrella")).toEqual(held("b", 1n, 10));
      expect(await acquire("c", [0, 10], "@global")).toEqual(held("c", 1n, 10));
      const other = { key: "another", id: ids.next(), holder: "b", at: second(0), until: second(10) };
      expect(await acme().acquire(other)).toMatchObject({ key: "another", token: 1n });
    });

    it(`${name}.acquire: refuses a lease that ends before it begins, and the id of another lock`, async () => {
      const lease = { error: "LEASE_INVALID", family: "data" };
      expect(await outcomeOf(() => acquire("a", [10, 10]))).toMatchObject(lease);
      const id = ids.next();
      const times = { at: second(0), until: second(10) };
      await acme().acquire({ key: "one", id, holder: "a", ...times });
      const another = () => acme().acquire({ key: "two", id, holder: "a", ...times });
      expect(await outcomeOf(another)).toMatchObject({ error: "REVISION_CONFLICT", family: "conflict" });
      expect((await acme().list()).items.map(({ lockKey }) => lockKey)).toEqual(["one"]);
    });

    it(`${name}.renew: moves the end, also of a lease that has run out and that nobody took`, async () => {
      await acquire("a", [0, 10]);
      const renew = (at: number, until: number) =>
        acme().renew({ ...holding("a", 1n), at: second(at), until: second(until) });
      expect(await renew(5, 20)).toBe(true);
      expect(await acquire("b", [15, 25])).toBeNull();
      expect(await renew(30, 40)).toBe(true);
      expect(await acquire("b", [35, 45])).toBeNull();
      expect(await row()).toMatchObject({ holder: "a", fencingToken: 1n });
    });

    it(`${name}.renew: gives false for another holder, another token, and no lock`, async () => {
      const renew = (holder: string, token: bigint) =>
        acme().renew({ ...holding(holder, token), at: second(1), until: second(99) });
      expect(await renew("a", 1n)).toBe(false);
      await acquire("a", [0, 10]);
      expect(await renew("b", 1n)).toBe(false);
      expect(await renew("a", 2n)).toBe(false);
      expect(await locks("umbrella").renew({ ...holding("a", 1n), at: second(1), until: second(99) })).toBe(false);
      expect(await acquire("b", [10, 20])).toEqual(held("b", 2n, 20));
    });

    it(`${name}.release: frees it, once; the row stays and the token goes on`, async () => {
      await acquire("a", [0, 10]);
      expect(await acme().release({ ...holding("a", 1n), at: second(1) })).toBe(true);
      expect(await acme().release({ ...holding("a", 1n), at: second(1) })).toBe(false);
      expect(await acme().renew({ ...holding("a", 1n), at: second(1), until: second(99) })).toBe(false);
      expect(await row()).toMatchObject({ holder: null, fencingToken: 1n, revision: 2n });
      expect(await acquire("b", [1, 10])).toEqual(held("b", 2n, 10));
    });
  });
}
