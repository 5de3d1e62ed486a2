import { byBytes } from "@stellaops/kernel";

/** Whether these are distinct texts sorted by their bytes, as sets are stored. */
export const isOrdered = (values: unknown): boolean =>
  Array.isArray(values) &&
  values.every((value: unknown, i) => {
    const before: unknown = values[i - 1];
    return typeof value === "string" && (typeof before !== "string" || byBytes(before, value) < 0);
  });
