import type { Aggregate, AggregateOf, Repository } from "@stellaops/kernel";
import { describe, expect, it } from "vitest";
import { outcomeOf } from "../contract.ts";

export interface FrozenSubject<A extends Aggregate> {
  readonly name: string;
  /** `@global` is the shared scope. */
  repository(tenant: string): Pick<Repository<A>, "get" | "put" | "delete">;
  /** A new one that may still change. */
  make(id?: string): AggregateOf<A>;
  /** The same with something else about it, its children too where it has any; as little frozen as before. */
  changed(aggregate: AggregateOf<A>): AggregateOf<A>;
  /** Freezes what is stored at a revision, whichever verb does that; the answer is the revision now stored. */
  freeze(tenant: string, id: string, expected: bigint): Promise<bigint>;
}

const immutable = { error: "IMMUTABLE", family: "conflict" };
const conflict = { error: "REVISION_CONFLICT", family: "conflict" };

/** What every repository of an aggregate with the rule `frozen` does beside. */
export function frozenContract<A extends Aggregate>(subject: FrozenSubject<A>): void {
  const { name, repository, make, changed, freeze } = subject;
  const idOf = (aggregate: AggregateOf<A>): string => (aggregate as unknown as { readonly id: string }).id;
  const acme = () => repository("acme");
  const put = (one: AggregateOf<A>, expected: bigint, tenant = "acme") =>
    outcomeOf(() => repository(tenant).put(one, expected));
  const remove = (one: AggregateOf<A>, expected: bigint, tenant = "acme") =>
    outcomeOf(() => repository(tenant).delete(idOf(one), expected));

  describe(`${name}, frozen`, () => {
    it(`${name}.put: changes one that is not frozen, and delete removes it`, async () => {
      const one = make();
      await acme().put(one, 0n);
      expect(await put(changed(one), 1n)).toEqual({ value: 2n });
      expect(await acme().get(idOf(one))).toEqual({ ...(changed(one) as object), revision: 2n, tenantId: "acme" });
      expect(await remove(one, 2n)).toEqual({ value: undefined });
    });

    it(`${name}.put: refuses to change or to delete one that is frozen, and says so`, async () => {
      const one = make();
      await acme().put(one, 0n);
      expect(await freeze("acme", idOf(one), 1n)).toBe(2n);
      const stored = await acme().get(idOf(one));
      expect(await put(changed(one), 2n)).toMatchObject(immutable);
      expect(await remove(one, 2n)).toMatchObject(immutable);
      const told = await acme()
        .delete(idOf(one), 2n)
        .catch((error: Error) => error.message);
      expect(told).toMatch(/never changes again; make a new .* instead$/);
      expect(await acme().get(idOf(one))).toEqual(stored);
    });

    it(`${name}.put: tells another revision and another tenant as it tells them of what is not frozen`, async () => {
      const one = make();
      await acme().put(one, 0n);
      await freeze("acme", idOf(one), 1n);
      for (const revision of [0n, 1n, 3n]) expect(await put(changed(one), revision)).toMatchObject(conflict);
      expect(await remove(one, 1n)).toMatchObject(conflict);
      expect(await put(changed(one), 2n, "umbrella")).toMatchObject(conflict);
      expect(await remove(one, 2n, "@global")).toMatchObject(conflict);
    });

    it(`${name}.put: of many who change it while it is frozen none comes after that`, async () => {
      const one = make();
      await acme().put(one, 0n);
      const racing = Array.from({ length: 6 }, () => put(changed(one), 1n));
      const [frozen, ...others] = await Promise.all([outcomeOf(() => freeze("acme", idOf(one), 1n)), ...racing]);
      expect([frozen, ...others].filter((outcome) => "value" in outcome)).toEqual([{ value: 2n }]);
      expect(await acme().get(idOf(one))).toMatchObject({ revision: 2n });
      expect(await put(changed(one), 2n)).toMatchObject("value" in frozen ? immutable : { value: 3n });
    });
  });
}
