import { isDataLayerError, type Page, type PageRequest } from "@stellaops/kernel";

export type Paged<T> = (request: PageRequest) => Promise<Page<T>>;

/** Every item of a list, page by page to its end; a page that is too long, or empty before the end, fails. */
export async function walk<T>(page: Paged<T>, limit: number): Promise<readonly T[]> {
  const all: T[] = [];
  let after: string | null = null;
  do {
    const { items, next }: Page<T> = await page({ limit, after });
    if (items.length > limit || (next !== null && items.length < limit))
      throw new Error(`a page of ${limit} held ${items.length} items, next: ${next}`);
    all.push(...items);
    after = next;
  } while (after !== null);
  return all;
}

/** The whole list, walked with several limits; they must agree. */
export async function whole<T>(page: Paged<T>): Promise<readonly T[]> {
  const [first, ...others] = await inTurn([1_000, 1, 2, 3], (limit) => walk(page, limit));
  const told = JSON.stringify(first, plain);
  for (const other of others)
    if (JSON.stringify(other, plain) !== told) throw new Error("the pages of different limits disagree");
  return first ?? [];
}

const plain = (_: string, value: unknown): unknown => (typeof value === "bigint" ? `${value}n` : value);

/** One after the other, in order. */
export async function inTurn<A, T>(items: readonly A[], work: (item: A) => Promise<T>): Promise<readonly T[]> {
  const results: T[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

/** What a call came to, in a form in which two databases can be compared: a value, or the code of a refusal. */
export type Outcome =
  | { readonly value: unknown }
  | { readonly error: string; readonly family: string; readonly constraint: unknown; readonly path: unknown };

/** @throws what is no typed error: a bug in any case */
export async function outcomeOf(call: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { value: await call() };
  } catch (error) {
    if (!isDataLayerError(error)) throw error;
    const { constraint, path } = error.details;
    return { error: error.code, family: error.family, constraint, path };
  }
}
