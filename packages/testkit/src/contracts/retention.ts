import type { PurgeRequest, Purging } from "@stellaops/kernel";
import { describe, expect, it } from "vitest";
import { inTurn, outcomeOf } from "../contract.ts";

interface Item {
  readonly id: string;
}

export interface RetentionSubject<T extends Item> {
  readonly name: string;
  /** `@global` is the shared scope. */
  repository(tenant: string): Purging & { get(id: string): Promise<{ readonly revision: bigint } | null> };
  /** A new one that a purge may take, of that age; two of them share no unique key. */
  make(at: Date, id?: string): T;
  add(tenant: string, item: T): Promise<unknown>;
  /** The fewest days of the definition. */
  readonly least: number;
  /** With a register a key that is created again continues above its tombstone. */
  registered(): boolean;
  /** How many writes `add` takes; 1 when left out. */
  readonly writes?: bigint;
  /** One of that age that a purge leaves all the same. */
  readonly spared?: (at: Date) => T;
}

const dayMs = 86_400_000;
const day = (n: number): Date => new Date(Date.UTC(2001, 0, 1) + n * dayMs);

/** What every repository with the rule `retain` does: `purge`. */
export function retentionContract<T extends Item>(subject: RetentionSubject<T>): void {
  const { name, repository, make, add, least, registered, writes = 1n, spared } = subject;
  const purge = (tenant: string, over: Partial<PurgeRequest> = {}) =>
    repository(tenant).purge({ at: day(least), keepDays: least, limit: 100, ...over });
  const stored = async (tenant: string, ...times: readonly Date[]): Promise<readonly string[]> => {
    const items = times.map((at) => make(at));
    await inTurn(items, (item) => add(tenant, item));
    return items.map(({ id }) => id);
  };
  const left = async (tenant: string, ids: readonly string[]): Promise<readonly boolean[]> =>
    inTurn(ids, async (id) => (await repository(tenant).get(id)) !== null);

  describe(`${name}, retention`, () => {
    it(`${name}.purge: takes what is older to the millisecond, and nothing else`, async () => {
      const ids = await stored("acme", ...[-1, 0, 1, -dayMs].map((ms) => new Date(day(0).getTime() + ms)));
      expect(await purge("acme")).toBe(2);
      expect(await left("acme", ids)).toEqual([false, true, true, false]);
      expect(await purge("acme")).toBe(0);
      expect(await purge("acme", { keepDays: least + 1, at: day(least + 1) })).toBe(0);
      expect(await purge("acme", { at: new Date(day(least).getTime() + 1) })).toBe(1);
      expect(await left("acme", ids)).toEqual([false, false, true, false]);
    });

    it(`${name}.purge: takes the oldest first and at most the limit, by id where they are of one age`, async () => {
      const ids = await stored("acme", day(-1), day(-3), day(-1), day(-2));
      expect(await purge("acme", { limit: 2 })).toBe(2);
      expect(await left("acme", ids)).toEqual([true, false, true, false]);
      expect(await purge("acme", { limit: 1 })).toBe(1);
      expect((await left("acme", [ids[0]!, ids[2]!].toSorted())).join()).toBe("false,true");
      expect(await purge("acme", { limit: 1_000 })).toBe(1);
    });

    it(`${name}.purge: touches the tenant's own only`, async () => {
      const [[mine], [theirs], [shared]] = [
        await stored("acme", day(-1)),
        await stored("umbrella", day(-1)),
        await stored("@global", day(-1)),
      ];
      expect(await purge("acme")).toBe(1);
      expect(await left("acme", [mine!, shared!])).toEqual([false, true]);
      expect(await left("umbrella", [theirs!])).toEqual([true]);
      expect(await purge("@global")).toBe(1);
    });

    it.each([least - 1, 0, -1, least + 0.5, Number.NaN, Infinity, BigInt(least + 1), null])(
      `${name}.purge: refuses to keep %o days, and deletes nothing`,
      async (keepDays) => {
        const ids = await stored("acme", day(-1));
        const refusal = { error: "RETENTION_TOO_SHORT", family: "data", path: "keepDays" };
        expect(await outcomeOf(() => purge("acme", { keepDays: keepDays as number }))).toMatchObject(refusal);
        expect(await left("acme", ids)).toEqual([true]);
      },
    );

    it(`${name}.purge: refuses a limit that is none and an instant that is none`, async () => {
      for (const limit of [0, -1, 1.5, 1_001, Number.NaN])
        expect(await outcomeOf(() => purge("acme", { limit }))).toMatchObject({ error: "LIMIT_INVALID" });
      const never = { at: new Date(Number.NaN) };
      expect(await outcomeOf(() => purge("acme", never))).toMatchObject({ error: "VALUE_DATE", path: "at" });
      const outside = { at: new Date(8.64e15) };
      expect(await outcomeOf(() => purge("acme", outside))).toMatchObject({ error: "VALUE_DATE_RANGE", path: "at" });
    });

    it(`${name}.purge: whatever is said to be now, keeps what is young by the server's clock`, async () => {
      const ids = await stored("acme", day(0), new Date(), new Date(Date.now() - (least - 1) * dayMs));
      expect(await purge("acme", { at: new Date("9999-01-01T00:00:00.000Z") })).toBe(1);
      expect(await left("acme", ids)).toEqual([false, true, true]);
      expect(await purge("acme", { keepDays: Number.MAX_SAFE_INTEGER })).toBe(0);
    });

    it(`${name}.purge: of several at once none takes what another has taken`, async () => {
      const ids = await stored("acme", ...Array.from({ length: 9 }, (_, n) => day(-n - 1)));
      const counts = await Promise.all(Array.from({ length: 3 }, () => purge("acme", { limit: 4 })));
      let sum = counts.reduce((total, count) => total + count, 0);
      for (let more = 1; more > 0; sum += more) more = await purge("acme", { limit: 4 });
      expect(sum).toBe(ids.length);
      expect((await left("acme", ids)).includes(true)).toBe(false);
    });

    it(`${name}.purge: frees the id; with a register the revisions continue above the tombstone`, async () => {
      const [id] = await stored("acme", day(-1));
      expect(await purge("acme")).toBe(1);
      await add("acme", make(day(1), id));
      expect(await repository("acme").get(id!)).toMatchObject({ revision: registered() ? 2n * writes + 1n : writes });
    });

    it.each(spared === undefined ? [] : [spared])(
      `${name}.purge: passes over old ones that are not yet to go`,
      async (sparing) => {
        const kept = sparing(day(-5));
        await add("acme", kept);
        const ids = await stored("acme", day(-1));
        expect(await purge("acme", { limit: 1 })).toBe(1);
        expect(await left("acme", [...ids, kept.id])).toEqual([false, true]);
      },
    );
  });
}
