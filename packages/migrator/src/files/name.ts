/** In the order in which they run on an empty database. */
export const categories = ["startup", "release", "seed", "data"] as const;

/**
 * - `startup` (001 to 099): by itself at service start, within 60 s, nothing breaking;
 * - `release` (100 to 999): by hand before a deploy;
 * - `seed` (S001 to S999): by itself after startup;
 * - `data` (DM001 to DM999): in the background, in batches.
 */
export type Category = (typeof categories)[number];

export interface ParsedName {
  readonly category: Category;
  readonly number: number;
}

export interface RefusedName {
  readonly reason: string;
  readonly explanation: string;
}

const good = /^(|S|DM)(\d{3})_[a-z0-9]+(?:_[a-z0-9]+)*\.sql$/;

/** The first rule that a name breaks is the one it is told. */
const rules: readonly (readonly [reason: string, form: RegExp, explanation: string])[] = [
  ["hidden", /^\./, "a hidden file does not belong into a migrations folder; remove it"],
  ["extension", /^(?!.*\.sql$)/, 'only files that end in ".sql" belong into a migrations folder'],
  ["versioned", /^V\d[\d._]*__/i, 'the form "V1__title" is another tool\'s; write 001_title.sql'],
  ["timestamp", /^\d{8,}/, "numbers are counted, not timestamps; write the next free number of three digits"],
  ["digits", /^\d{4,}/, "the number has more than three digits; write 001 to 999"],
  ["digits", /^(?:\d{1,2}(?!\d)|(?:S|DM)(?:\d{1,2}|\d{4,})(?!\d))/, "the number must have exactly three digits"],
  ["prefix", /^(?!S\d|DM\d)[A-Za-z]{1,2}\d+_/, "the prefix must be S (seed) or DM (data), in capitals, or none"],
  ["number", /^(?!(?:|S|DM)\d{3})/, "there is no number; begin with 001 to 999, S001 or DM001"],
  ["zero", /^(?:|S|DM)000/, "numbers begin at 001"],
  [
    "title",
    /^/,
    "after the number comes a title of a-z and 0-9 in words joined by single underscores, as in 001_create_tables.sql",
  ],
];

export function parseName(file: string): ParsedName | RefusedName {
  const [, prefix, digits] = good.exec(file) ?? [];
  const number = Number(digits);
  if (prefix !== undefined && number > 0) return { category: categoryOf(prefix, number), number };
  const [reason, , explanation] = rules.find(([, form]) => form.test(file)) ?? [
    "title",
    /^/,
    "the name is not understood",
  ];
  return { reason, explanation };
}

function categoryOf(prefix: string, number: number): Category {
  if (prefix === "S") return "seed";
  if (prefix === "DM") return "data";
  return number < 100 ? "startup" : "release";
}
