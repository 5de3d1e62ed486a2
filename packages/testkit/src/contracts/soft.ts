import type { Aggregate, AggregateOf, SoftRepository } from "@stellaops/kernel";
import { describe, expect, it } from "vitest";
import { outcomeOf } from "../contract.ts";

export interface SoftSubject<A extends Aggregate> {
  readonly name: string;
  /** `@global` is the shared scope. */
  repository(tenant: string): SoftRepository<A>;
  make(id?: string): AggregateOf<A>;
  /** A new aggregate that shares `constraint`'s key with the given one. */
  twin(aggregate: AggregateOf<A>): AggregateOf<A>;
  readonly constraint: string;
}

const at = new Date("2026-03-02T12:00:00.000Z");
const later = new Date("2026-03-03T12:00:00.000Z");
const by = { by: "an operator", at };
const conflict = { error: "REVISION_CONFLICT", family: "conflict" };

/** What every repository of an aggregate with `softFields` does beside: `softDelete` and `restore`. */
export function softContract<A extends Aggregate>({ name, repository, make, twin, constraint }: SoftSubject<A>): void {
  const idOf = (aggregate: AggregateOf<A>): string => (aggregate as unknown as { readonly id: string }).id;
  const acme = () => repository("acme");
  const taken = { error: "UNIQUE_VIOLATION", family: "integrity", constraint };

  describe(`${name}, deleted and restored`, () => {
    it(`${name}.softDelete: marks what is at that revision, and it can still be read`, async () => {
      const one = make();
      await acme().put(one, 0n);
      expect(await acme().softDelete(idOf(one), 1n, by)).toBe(2n);
      const marked = { deletedAt: at, deletedBy: "an operator", updatedAt: at, revision: 2n, tenantId: "acme" };
      expect(await acme().get(idOf(one))).toEqual({ ...(one as object), ...marked });
    });

    it(`${name}.softDelete: refuses another revision, what is marked already, and what is not the tenant's own`, async () => {
      const [one, shared] = [make(), make()];
      await acme().put(one, 0n);
      await repository("@global").put(shared, 0n);
      const refused = (tenant: string, id: string, expected: bigint) =>
        outcomeOf(() => repository(tenant).softDelete(id, expected, by));
      expect(await refused("acme", idOf(one), 2n)).toMatchObject(conflict);
      expect(await refused("umbrella", idOf(one), 1n)).toMatchObject(conflict);
      expect(await refused("acme", idOf(shared), 1n)).toMatchObject(conflict);
      expect(await refused("acme", idOf(make()), 1n)).toMatchObject(conflict);
      expect(await refused("acme", "no id", 1n)).toMatchObject({ error: "VALUE_ID", path: "id" });
      expect(await refused("acme", idOf(one), 1 as never)).toMatchObject({ error: "REVISION_INVALID" });
      const unstorable = await outcomeOf(() => acme().softDelete(idOf(one), 1n, { by: "\0", at }));
      expect(unstorable).toMatchObject({ error: "VALUE_NUL", path: "deletedBy" });
      await acme().softDelete(idOf(one), 1n, by);
      expect(await refused("acme", idOf(one), 2n)).toMatchObject(conflict);
      expect(await acme().get(idOf(one))).toMatchObject({ revision: 2n });
      expect(await acme().get(idOf(shared))).toMatchObject({ revision: 1n, deletedAt: null });
    });

    it(`${name}.softDelete: frees the key of ${constraint}, however many are marked`, async () => {
      const one = make();
      const [second, third] = [twin(one), twin(one)];
      for (const next of [one, second]) {
        await acme().put(next, 0n);
        await acme().softDelete(idOf(next), 1n, by);
      }
      expect(await acme().put(third, 0n)).toBe(1n);
      expect(await outcomeOf(() => acme().put(twin(one), 0n))).toMatchObject(taken);
    });

    it(`${name}.softDelete: names who did it`, async () => {
      const one = make();
      await acme().put(one, 0n);
      const nobody = outcomeOf(() => acme().softDelete(idOf(one), 1n, { ...by, by: null as never }));
      expect(await nobody).toMatchObject({ error: "VALUE_NULL", family: "data", path: "deletedBy" });
    });

    it(`${name}.restore: takes the mark away`, async () => {
      const one = make();
      await acme().put(one, 0n);
      await acme().softDelete(idOf(one), 1n, by);
      expect(await acme().restore(idOf(one), 2n, { at: later })).toBe(3n);
      const restored = { deletedAt: null, deletedBy: null, updatedAt: later, revision: 3n, tenantId: "acme" };
      expect(await acme().get(idOf(one))).toEqual({ ...(one as object), ...restored });
      expect(await outcomeOf(() => acme().put(twin(one), 0n))).toMatchObject(taken);
    });

    it(`${name}.restore: refuses where a live one has the key by now, what is not marked, and another revision`, async () => {
      const one = make();
      const heir = twin(one);
      const restore = (expected: bigint) => outcomeOf(() => acme().restore(idOf(one), expected, { at: later }));
      await acme().put(one, 0n);
      expect(await restore(1n)).toMatchObject(conflict);
      await acme().softDelete(idOf(one), 1n, by);
      expect(await restore(1n)).toMatchObject(conflict);
      await acme().put(heir, 0n);
      expect(await restore(2n)).toMatchObject(taken);
      expect(await acme().get(idOf(one))).toMatchObject({ deletedAt: at, revision: 2n });
      await acme().softDelete(idOf(heir), 1n, by);
      expect(await restore(2n)).toEqual({ value: 3n });
    });

    it(`${name}.restore: lets one of many win`, async () => {
      const one = make();
      await acme().put(one, 0n);
      await acme().softDelete(idOf(one), 1n, by);
      const race = Array.from({ length: 8 }, () => outcomeOf(() => acme().restore(idOf(one), 2n, { at: later })));
      const outcomes = await Promise.all(race);
      expect(outcomes.filter((outcome) => "value" in outcome)).toEqual([{ value: 3n }]);
      const lost = outcomes.filter((outcome) => "error" in outcome);
      expect(lost).toMatchObject(lost.map(() => conflict));
    });
  });
}
