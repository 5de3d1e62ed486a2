import { dataError } from "./errors.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** BSON allows 100 levels; a payload sits at most a few below its document's root. */
export const maxDepth = 90;
/** Half of what a BSON document may hold, so that neither its keys nor an update can push it over. */
export const maxBytes = 8 * 1024 * 1024;

/** What is wrong with a text, as a code, or null. */
export const textFault = (text: string): string | null =>
  text.includes("\0") ? "VALUE_NUL" : text.isWellFormed() ? null : "VALUE_NOT_WELL_FORMED";

interface Fault {
  readonly code: string;
  readonly path: readonly (string | number)[];
}

/**
 * A payload that both databases store alike: -0 becomes 0, everything that JSON, BSON and jsonb would keep differently is refused.
 * Returns the same object when nothing had to be normalised.
 */
export function cleanJson(value: unknown): { readonly value: Json } | { readonly fault: Fault } {
  const path: (string | number)[] = [];
  const refuse = (code: string): never => {
    throw new Refusal({ code, path: [...path] });
  };
  const walk = (v: unknown): Json => {
    if (v === null || typeof v === "boolean") return v;
    if (typeof v === "string") {
      const fault = textFault(v);
      return fault === null ? v : refuse(fault);
    }
    if (typeof v === "number") return Number.isFinite(v) ? (Object.is(v, -0) ? 0 : v) : refuse("VALUE_NOT_FINITE");
    if (v === undefined) return refuse("VALUE_UNDEFINED");
    if (typeof v !== "object") return refuse("VALUE_NOT_JSON");
    if (path.length >= maxDepth) return refuse("VALUE_TOO_DEEP");
    if (Array.isArray(v))
      return same(
        v,
        Array.from(v, (item, index) => within(index, item)),
      );
    const prototype: unknown = Object.getPrototypeOf(v);
    if (prototype !== Object.prototype && prototype !== null) return refuse("VALUE_NOT_JSON");
    if (isReserved(v)) return refuse("VALUE_KEY_RESERVED");
    const entries = Object.entries(v);
    let changed = false;
    for (const entry of entries) {
      const [key, item] = entry;
      const fault = textFault(key);
      if (fault !== null) refuse(fault);
      const clean = within(key, item);
      changed ||= !Object.is(clean, item);
      entry[1] = clean;
    }
    // fromEntries defines `__proto__`, a legal JSON key, as a property; an assignment would call its setter.
    return changed ? (Object.fromEntries(entries) as Json) : (v as Json);
  };
  const within = (step: string | number, v: unknown): Json => {
    path.push(step);
    const clean = walk(v);
    path.pop();
    return clean;
  };
  try {
    return { value: walk(value) };
  } catch (error) {
    if (error instanceof Refusal) return { fault: error.fault };
    throw error;
  }
}

/**
 * Objects that MongoDB's driver takes for its own and would change or refuse: any with the key `_bsontype`, and a reference
 * (`$ref`, `$id`) to a name with one point, which it splits in two.
 */
function isReserved(value: object): boolean {
  if (Object.hasOwn(value, "_bsontype")) return true;
  if (!Object.hasOwn(value, "$ref") || !Object.hasOwn(value, "$id")) return false;
  const { $ref: name } = value as { readonly $ref: unknown };
  return typeof name === "string" && name.split(".").length === 2;
}

class Refusal extends Error {
  readonly fault: Fault;
  constructor(fault: Fault) {
    super(fault.code);
    this.fault = fault;
  }
}

/** `Object.is` tells -0 from 0, as `!==` does not. */
const same = (before: readonly unknown[], after: readonly Json[]): Json =>
  after.every((item, i) => Object.is(item, before[i])) ? (before as readonly Json[]) : after;

/** About what BSON takes: UTF-8 bytes of the texts, and what each element of an array or object costs beside them. */
export function sizeOf(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value) + 2;
  if (value === null || typeof value !== "object" || value instanceof Date) return 8;
  let size = 2;
  if (Array.isArray(value)) for (const item of value) size += sizeOf(item) + 12;
  else for (const [key, item] of Object.entries(value)) size += Buffer.byteLength(key) + 4 + sizeOf(item);
  return size;
}

/** @throws `VALUE_TOO_LARGE` */
export function refuseAboveLimit(what: string, value: unknown): void {
  const bytes = sizeOf(value);
  if (bytes > maxBytes)
    throw dataError(
      "VALUE_TOO_LARGE",
      `${what} holds about ${bytes} bytes; at most ${maxBytes} are stored in one aggregate: split it, or keep the payload elsewhere`,
      { details: { bytes, maxBytes } },
    );
}
