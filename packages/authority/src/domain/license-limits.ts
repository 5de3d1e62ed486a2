import { json, type Field, type JsonColumn } from "@stellaops/kernel";

/** How much of each metric one period allows, in whole numbers. */
export interface Limits {
  readonly [metric: string]: number;
}

const isLimits = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((limit) => Number.isSafeInteger(limit) && limit >= 0);

const payload = json<Limits>();

/** The limits of a license, as a payload in which both databases find the same numbers. */
export const limits: Field<Limits, JsonColumn> = {
  ...payload,
  schema: payload.schema.refine(isLimits, "must be an object of whole numbers from 0 to 2^53 - 1, one a metric"),
};
