import type { Json } from "@stellaops/kernel";

/** RFC 8785, as `canonicalJson`, for values that came out of a database: there are no lone surrogates and no infinities in them. */
export function jsonText(value: Json): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") return String(value === 0 ? 0 : value);
  if (isList(value)) return `[${value.map(jsonText).join(",")}]`;
  return membersText(Object.keys(value), (name) => jsonText(value[name] ?? null));
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

/** An object of the given members, in the order of their UTF-16 units. */
export const membersText = (names: readonly string[], textOf: (name: string) => string): string =>
  `{${names
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((name) => `${JSON.stringify(name)}:${textOf(name)}`)
    .join(",")}}`;
