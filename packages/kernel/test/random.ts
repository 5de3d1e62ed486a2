import type { Json } from "../src/index.ts";

/** Seeded values for properties: a failure is reported with its value, and the same seed gives it again. */
export interface Random {
  below(n: number): number;
  of<T>(items: readonly T[]): T;
  text(): string;
  json(depth?: number): Json;
}

export function* samples<T>(count: number, make: (random: Random) => T): Generator<T> {
  const random = randomFrom(20_260_101);
  for (let i = 0; i < count; i += 1) yield make(random);
}

/** Around every place where UTF-16 order, UTF-8 order, folding or JSON have a seam. */
const seams = [
  "a",
  "A",
  "z",
  "é",
  "e\u0301",
  "\u007f",
  "\u0080",
  "\u07ff",
  "\u0800",
  "\ud7ff",
  "\ue000",
  "\uff5e",
  "\uffff",
];
const astral = ["\u{10000}", "😀", "\u{10ffff}", '"', "\\", "\n", "\u2028", "İ", "ß", "Σ"];
const numbers = [0, -0, 1, -1, 0.1, 1e21, 1e-7, 5e-324, 2 ** 53, -(2 ** 53), 1.7976931348623157e308];

function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const below = (n: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const of = <T>(items: readonly T[]): T => items[below(items.length)] as T;
  const text = (): string => Array.from({ length: below(6) }, () => of([...seams, ...astral])).join("");
  const json = (depth = 3): Json => {
    const kind = below(depth > 0 ? 6 : 4);
    if (kind === 0) return of([null, true, false]);
    if (kind === 1) return of(numbers);
    if (kind < 4) return text();
    const items = Array.from({ length: below(4) }, (): [string, Json] => [text(), json(depth - 1)]);
    return kind === 4 ? items.map(([, value]) => value) : Object.fromEntries(items);
  };
  return { below, of, text, json };
}
