import { dataError } from "./errors.ts";
import { instant } from "./field.ts";

const { schema } = instant();

/** An argument that is no field of an aggregate, by the rules of one and as it is stored. @throws `VALUE_DATE`, `VALUE_DATE_RANGE` (data) */
export function instantOf(value: Date, path: string): Date {
  const { data, error } = schema.safeParse(value);
  if (data !== undefined) return data;
  throw dataError(error?.issues[0]?.message ?? "VALUE_DATE", `${path} is no date of the years 1 to 9999`, {
    details: { path },
  });
}
