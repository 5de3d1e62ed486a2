import type { PageRequest, Page } from "@stellaops/kernel";
import { describe, expect, it } from "vitest";
import { outcomeOf } from "../contract.ts";
import { readerContract } from "../repository-contract.ts";

interface Item {
  readonly id: string;
}
type StoredItem = Item & { readonly revision: bigint; readonly tenantId: string };

/** An append-only repository as far as this contract knows it; `append` takes what `make` gives. */
interface AppendOnly<T> {
  append(items: readonly T[]): Promise<unknown>;
  get(id: string): Promise<StoredItem | null>;
  list(request?: PageRequest): Promise<Page<StoredItem>>;
}

export interface AppendSubject<T extends Item> {
  readonly name: string;
  /** `@global` is the shared scope. */
  repository(tenant: string): AppendOnly<T>;
  /** A new one; two of them share no unique key. */
  make(id?: string): T;
  /** The largest batch. */
  readonly max: number;
  /** What the repository calls it; `append` when left out. */
  readonly verb?: string;
}

/** What every append-only repository does: `append`, `get` and `list`. */
export function appendContract<T extends Item>({
  name,
  repository,
  make,
  max,
  verb = "append",
}: AppendSubject<T>): void {
  const acme = () => repository("acme");
  const append = (...items: readonly T[]) => outcomeOf(() => acme().append(items));
  readerContract({
    name,
    get: (tenant, id) => repository(tenant).get(id),
    list: (tenant) => (request) => repository(tenant).list(request),
    add: (tenant, item) => repository(tenant).append([item as T]),
    make,
  });

  describe(`${name}, appending`, () => {
    it(`${name}.${verb}: stores all, and nothing for an empty batch`, async () => {
      const items = [make(), make()];
      await acme().append([]);
      await acme().append(items);
      for (const item of items) expect(await acme().get(item.id)).toEqual({ ...item, revision: 1n, tenantId: "acme" });
    });

    it(`${name}.${verb}: stores none when one id is there already`, async () => {
      const [first, second, third] = [make(), make(), make()];
      await acme().append([second]);
      const refused = await append(first, { ...make(), id: second.id }, third);
      expect(refused).toMatchObject({ error: "REVISION_CONFLICT", family: "conflict" });
      expect(await acme().get(first.id)).toBeNull();
      expect(await acme().get(third.id)).toBeNull();
      expect(await acme().get(second.id)).toEqual({ ...second, revision: 1n, tenantId: "acme" });
      await repository("umbrella").append([second]);
    });

    it(`${name}.${verb}: refuses one id twice, a value that cannot be stored, and more than ${max}`, async () => {
      const item = make();
      expect(await append(item, { ...make(), id: item.id })).toMatchObject({
        error: "BATCH_DUPLICATE",
        family: "data",
      });
      const bad = { ...make(), createdAt: new Date(Number.NaN) };
      expect(await append(item, bad)).toMatchObject({ error: "VALUE_DATE", path: "createdAt" });
      const many = Array.from({ length: max + 1 }, () => make());
      expect(await append(...many)).toMatchObject({ error: "BATCH_TOO_LARGE" });
      expect(await acme().list()).toEqual({ items: [], next: null });
    });

    it(`${name}.${verb}: lets one of many win that append one id at once`, async () => {
      const { id } = make();
      const outcomes = await Promise.all(Array.from({ length: 6 }, () => append(make(id), make())));
      expect(outcomes.filter((outcome) => "value" in outcome)).toHaveLength(1);
      expect((await acme().list()).items).toHaveLength(2);
    });
  });
}
