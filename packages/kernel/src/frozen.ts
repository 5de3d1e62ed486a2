import type { Aggregate } from "./aggregate.ts";
import { conflict, type DataLayerError } from "./errors.ts";

/** A row that the rule `frozen` holds: no other revision and no second try changes that. */
export const immutable = ({ one, table, frozen }: Aggregate, cause?: unknown): DataLayerError => {
  const named = one.replaceAll("_", " ");
  const is = frozen === null ? "frozen" : `frozen since its ${frozen.field} is ${frozen.values.join(" or ")}`;
  return conflict("IMMUTABLE", `this ${named} is ${is}, and never changes again; make a new ${named} instead`, {
    cause,
    details: { table },
  });
};
