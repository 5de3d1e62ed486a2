import { byBytes, type Aggregate, type AggregateOf, type Repository, type Stored } from "@stellaops/kernel";
import { describe, expect, it } from "vitest";
import { inTurn, outcomeOf, whole, type Paged } from "./contract.ts";

/** Any aggregate, as far as the common verbs know it. */
interface Item {
  readonly id: string;
}
type StoredItem = Item & { readonly revision: bigint; readonly tenantId: string };

export interface ReaderSubject {
  /** Of the repository, as test names carry it: `sources`. */
  readonly name: string;
  get(tenant: string, id: string): Promise<StoredItem | null>;
  list: (tenant: string) => Paged<StoredItem>;
  /** Stores a new one, whichever verb does that. `@global` is the shared scope. */
  add(tenant: string, item: Item): Promise<unknown>;
  /** A new one; two of them share no unique key. */
  make(id?: string): Item;
}

const inOrder = (items: readonly StoredItem[]): readonly StoredItem[] =>
  items.toSorted((a, b) => byBytes(a.id, b.id) || byBytes(a.tenantId, b.tenantId));

/** What every repository that reads by id must do: `get` and `list`. */
export function readerContract({ name, get, list, add, make }: ReaderSubject): void {
  describe(`${name}, reading`, () => {
    it(`${name}.get: gives what was stored, with its revision and whose it is`, async () => {
      const item = make();
      await add("acme", item);
      expect(await get("acme", item.id)).toEqual({ ...item, revision: 1n, tenantId: "acme" });
    });

    it(`${name}.get: gives null for what is not there`, async () => {
      expect(await get("acme", make().id)).toBeNull();
    });

    it(`${name}.get: does not see another tenant's, and the shared scope sees no tenant's`, async () => {
      const item = make();
      await add("acme", item);
      expect(await get("umbrella", item.id)).toBeNull();
      expect(await get("@global", item.id)).toBeNull();
    });

    it(`${name}.get: gives the tenant's own before the shared one of the same id`, async () => {
      const [shared, own] = [make(), make()];
      await add("@global", shared);
      expect(await get("acme", shared.id)).toMatchObject({ tenantId: "@global" });
      await add("acme", { ...own, id: shared.id });
      expect(await get("acme", shared.id)).toMatchObject({ tenantId: "acme" });
      expect(await get("umbrella", shared.id)).toMatchObject({ tenantId: "@global" });
      expect(await get("@global", shared.id)).toMatchObject({ tenantId: "@global" });
    });

    it.each(["", "no id", "01890000-0000-7000-8000-00000000000A", "\0"])(
      `${name}.get: refuses %j, which is no id`,
      async (id) => {
        expect(await outcomeOf(() => get("acme", id))).toMatchObject({ error: "VALUE_ID", path: "id" });
      },
    );

    it(`${name}.list: gives own and shared by id, then tenant, to the end with every limit`, async () => {
      const items = Array.from({ length: 7 }, () => make());
      await inTurn(items, (item) => add("acme", item));
      await inTurn([make(), make(), { ...make(), id: items[3]!.id }], (item) => add("@global", item));
      await add("umbrella", make());
      const all = await whole(list("acme"));
      expect(all).toHaveLength(10);
      expect(all).toEqual(inOrder(all));
      expect(new Set(all.map(({ tenantId }) => tenantId))).toEqual(new Set(["acme", "@global"]));
      expect(await whole(list("@global"))).toHaveLength(3);
    });

    it(`${name}.list: gives an empty last page where there is nothing`, async () => {
      expect(await list("acme")({})).toEqual({ items: [], next: null });
    });

    it.each([0, -1, 1.5, 1_001, Number.NaN])(`${name}.list: refuses a limit of %d`, async (limit) => {
      expect(await outcomeOf(() => list("acme")({ limit }))).toMatchObject({ error: "LIMIT_INVALID" });
    });

    it(`${name}.list: refuses what is no cursor, an edited one, and one of another tenant`, async () => {
      await inTurn([make(), make(), make()], (item) => add("acme", item));
      const { next } = await list("acme")({ limit: 1 });
      const edited = Buffer.from(
        Buffer.from(next ?? "", "base64url")
          .toString()
          .replace("acme", "acne"),
      );
      const ask = (tenant: string, after: string) => outcomeOf(() => list(tenant)({ after }));
      expect(await ask("acme", "nonsense")).toMatchObject({ error: "CURSOR_INVALID" });
      expect(await ask("acme", edited.toString("base64url"))).toMatchObject({ error: "CURSOR_INVALID" });
      expect(await ask("umbrella", next ?? "")).toMatchObject({ error: "CURSOR_FOREIGN" });
    });
  });
}

export interface KeylessSubject<A extends Aggregate> {
  readonly name: string;
  /** `@global` is the shared scope. */
  repository(tenant: string): Repository<A>;
  make(id?: string): AggregateOf<A>;
  /** The same aggregate with something changed, children included where it has some. */
  changed(aggregate: AggregateOf<A>): AggregateOf<A>;
  /** With a register a key that is created again continues above its tombstone. */
  registered(): boolean;
}

export interface RepositorySubject<A extends Aggregate> extends KeylessSubject<A> {
  /** A new aggregate that shares `constraint`'s key with the given one. */
  twin(aggregate: AggregateOf<A>): AggregateOf<A>;
  readonly constraint: string;
}

/** What every repository that writes whole aggregates must do beside: `put` and `delete`, and its unique key. */
export function repositoryContract<A extends Aggregate>(subject: RepositorySubject<A>): void {
  const { name, repository, make, twin, constraint } = subject;
  keylessContract(subject);
  const get = (tenant: string, aggregate: AggregateOf<A>) => repository(tenant).get((aggregate as unknown as Item).id);

  describe(`${name}, by ${constraint}`, () => {
    it(`${name}.put: refuses a second of ${constraint} for one tenant, by that name`, async () => {
      const [aggregate, acme] = [make(), repository("acme")];
      const other = twin(aggregate);
      await acme.put(aggregate, 0n);
      const refusal = { error: "UNIQUE_VIOLATION", family: "integrity", constraint };
      expect(await outcomeOf(() => acme.put(other, 0n))).toMatchObject(refusal);
      expect(await get("acme", other)).toBeNull();
      expect(await repository("umbrella").put(other, 0n)).toBe(1n);
      expect(await repository("@global").put(twin(aggregate), 0n)).toBe(1n);
    });

    it(`${name}.delete: frees the unique key`, async () => {
      const [aggregate, acme] = [make(), repository("acme")];
      await acme.put(aggregate, 0n);
      await acme.delete((aggregate as unknown as Item).id, 1n);
      expect(await acme.put(twin(aggregate), 0n)).toBe(1n);
    });
  });
}

/** The same of an aggregate without a unique key. */
export function keylessContract<A extends Aggregate>(subject: KeylessSubject<A>): void {
  const { name, repository, make, changed, registered } = subject;
  const idOf = (aggregate: AggregateOf<A>): string => (aggregate as unknown as Item).id;
  readerContract({
    name,
    get: (tenant, id) => repository(tenant).get(id),
    list: (tenant) => (request) => repository(tenant).list(request),
    add: (tenant, item) => repository(tenant).put(item as unknown as AggregateOf<A>, 0n),
    make: (id) => make(id),
  });
  const stored = async (tenant: string, aggregate: AggregateOf<A>): Promise<Stored<A> | null> =>
    repository(tenant).get(idOf(aggregate));
  const conflict = { error: "REVISION_CONFLICT", family: "conflict" };

  describe(`${name}, writing`, () => {
    it(`${name}.put: stores a new one at revision 1 and each change one above`, async () => {
      const [aggregate, acme] = [make(), repository("acme")];
      expect(await acme.put(aggregate, 0n)).toBe(1n);
      expect(await acme.put(changed(aggregate), 1n)).toBe(2n);
      expect(await stored("acme", aggregate)).toEqual({ ...changed(aggregate), revision: 2n, tenantId: "acme" });
      expect(await acme.put(aggregate, 2n)).toBe(3n);
      expect(await stored("acme", aggregate)).toEqual({ ...aggregate, revision: 3n, tenantId: "acme" });
    });

    it(`${name}.put: takes what was read, as it is`, async () => {
      const aggregate = make();
      await repository("acme").put(aggregate, 0n);
      const read = (await stored("acme", aggregate)) as Stored<A>;
      expect(await repository("acme").put(read, read.revision)).toBe(2n);
    });

    it(`${name}.put: refuses a new one that is there, and a change of what is not at that revision`, async () => {
      const [aggregate, acme] = [make(), repository("acme")];
      expect(await outcomeOf(() => acme.put(aggregate, 1n))).toMatchObject(conflict);
      await acme.put(aggregate, 0n);
      expect(await outcomeOf(() => acme.put(changed(aggregate), 0n))).toMatchObject(conflict);
      expect(await outcomeOf(() => acme.put(changed(aggregate), 2n))).toMatchObject(conflict);
      expect(await stored("acme", aggregate)).toEqual({ ...aggregate, revision: 1n, tenantId: "acme" });
    });

    it.each([-1n, 2n ** 63n, 1, "1", { $gt: 0 }, null])(
      `${name}.put: refuses %o as a revision, and so does delete; nothing is changed`,
      async (revision) => {
        const [aggregate, acme] = [make(), repository("acme")];
        await acme.put(aggregate, 0n);
        const refusal = { error: "REVISION_INVALID", family: "data" };
        expect(await outcomeOf(() => acme.put(changed(aggregate), revision as bigint))).toMatchObject(refusal);
        expect(await outcomeOf(() => acme.delete(idOf(aggregate), revision as bigint))).toMatchObject(refusal);
        expect(await stored("acme", aggregate)).toEqual({ ...aggregate, revision: 1n, tenantId: "acme" });
      },
    );

    it(`${name}.put: refuses a value that the databases would store differently, and stores nothing`, async () => {
      const aggregate = { ...(make() as object), createdAt: new Date(Number.NaN) } as unknown as AggregateOf<A>;
      const told = { error: "VALUE_DATE", family: "data", path: "createdAt" };
      expect(await outcomeOf(() => repository("acme").put(aggregate, 0n))).toMatchObject(told);
      expect(await stored("acme", aggregate)).toBeNull();
    });

    it(`${name}.put: touches the tenant's own only`, async () => {
      const aggregate = make();
      await repository("@global").put(aggregate, 0n);
      expect(await outcomeOf(() => repository("acme").put(changed(aggregate), 1n))).toMatchObject(conflict);
      expect(await outcomeOf(() => repository("umbrella").delete(idOf(aggregate), 1n))).toMatchObject(conflict);
      expect(await stored("acme", aggregate)).toEqual({ ...aggregate, revision: 1n, tenantId: "@global" });
    });

    it(`${name}.put: lets one of many win that change one revision or create one id at once`, async () => {
      const aggregate = make();
      const race = (expected: bigint) =>
        Promise.all(Array.from({ length: 8 }, () => outcomeOf(() => repository("acme").put(aggregate, expected))));
      for (const expected of [0n, 1n, 2n]) {
        const outcomes = await race(expected);
        expect(outcomes.filter((outcome) => "value" in outcome)).toEqual([{ value: expected + 1n }]);
        const lost = outcomes.filter((outcome) => "error" in outcome);
        expect(lost).toMatchObject(lost.map(() => conflict));
      }
    });

    it(`${name}.delete: removes what is at that revision`, async () => {
      const [aggregate, acme] = [make(), repository("acme")];
      await acme.put(aggregate, 0n);
      expect(await outcomeOf(() => acme.delete(idOf(aggregate), 2n))).toMatchObject(conflict);
      await acme.delete(idOf(aggregate), 1n);
      expect(await stored("acme", aggregate)).toBeNull();
      expect(await outcomeOf(() => acme.delete(idOf(aggregate), 1n))).toMatchObject(conflict);
      expect(await outcomeOf(() => acme.delete("no id", 1n))).toMatchObject({ error: "VALUE_ID", path: "id" });
    });

    it(`${name}.delete: frees the id; with a register the revisions continue`, async () => {
      const [aggregate, acme] = [make(), repository("acme")];
      await acme.put(aggregate, 0n);
      await acme.put(changed(aggregate), 1n);
      await acme.delete(idOf(aggregate), 2n);
      const again = { ...(make() as object), id: idOf(aggregate) } as unknown as AggregateOf<A>;
      expect(await acme.put(again, 0n)).toBe(registered() ? 4n : 1n);
    });
  });
}
