import type { Page, PageRequest } from "@stellaops/kernel";

export async function everything<T>(list: (request: PageRequest) => Promise<Page<T>>): Promise<readonly T[]> {
  const all: T[] = [];
  for (let after: string | null = null; ;) {
    const page: Page<T> = await list({ limit: 200, ...(after === null ? {} : { after }) });
    all.push(...page.items);
    after = page.next;
    if (after === null) return all;
  }
}
