import { isDeepStrictEqual } from "node:util";

/**
 * What two answers to the same question say about the databases that gave them:
 * - `agreed`: equal;
 * - `behind`: the secondary's holds older revisions of what the primary's holds, and all else is equal;
 * - `differed`: the same revision of the same aggregate with other content;
 * - `unequal`: they tell nothing by themselves, since something is there or has moved that has no revision to compare.
 */
export type Verdict = "agreed" | "behind" | "differed" | "unequal";

interface Revised {
  readonly id: string;
  readonly revision: bigint;
}

export function judge(primary: unknown, secondary: unknown): Verdict {
  if (isDeepStrictEqual(primary, secondary)) return "agreed";
  const [expected, found] = [revisedOf(primary), revisedOf(secondary)];
  if (expected === null || found === null || expected.length !== found.length) return "unequal";
  let verdict: Verdict = "agreed";
  for (const [i, one] of expected.entries()) {
    const other = found[i];
    if (other === undefined || other.id !== one.id || other.revision > one.revision) return "unequal";
    if (other.revision < one.revision) verdict = "behind";
    else if (!isDeepStrictEqual(one, other)) return "differed";
  }
  // Every aggregate is the same, and yet the whole is not.
  return verdict === "agreed" ? "unequal" : verdict;
}

/** The aggregates of an answer that is one, some, or a page of them; null for every other answer. */
function revisedOf(answer: unknown): readonly Revised[] | null {
  const all: readonly unknown[] = Array.isArray(answer) ? answer : isPage(answer) ? answer.items : [answer];
  return all.every((one) => isRevised(one)) ? all : null;
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
const isPage = (value: unknown): value is { readonly items: readonly unknown[] } =>
  isObject(value) && "items" in value && Array.isArray(value.items);
const isRevised = (value: unknown): value is Revised =>
  isObject(value) &&
  "id" in value &&
  typeof value.id === "string" &&
  "revision" in value &&
  typeof value.revision === "bigint";
