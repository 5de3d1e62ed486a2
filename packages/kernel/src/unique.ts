import type { Aggregate } from "./aggregate.ts";
import { integrity, isDataLayerError } from "./errors.ts";
import { immutable } from "./frozen.ts";
import { indexName } from "./names.ts";

/** The domain's names of the fields in a unique constraint: what a derived field is made of, not the derived field. */
export const uniqueFields = (
  { table, unique, derived }: Aggregate,
  constraint: unknown,
): readonly string[] | undefined =>
  unique
    .find(({ fields }) => indexName("uq", table, fields) === constraint)
    ?.fields.map((field) => derived[field]?.of ?? field);

/** For `.catch`: what a key or a frozen row refused, in the words of the definition, the same from both databases. Values are never told. */
export const namedBy =
  (definition: Aggregate) =>
  (error: unknown): never => {
    if (isDataLayerError(error) && error.code === "IMMUTABLE") throw immutable(definition, error.cause);
    if (!isDataLayerError(error) || error.code !== "UNIQUE_VIOLATION") throw error;
    const { constraint } = error.details;
    const fields = uniqueFields(definition, constraint);
    if (fields === undefined) throw error;
    const { table, one } = definition;
    const named = fields.length === 0 ? ["tenantId"] : fields;
    throw integrity("UNIQUE_VIOLATION", `another ${one.replaceAll("_", " ")} has this ${named.join(" and ")}`, {
      cause: error.cause,
      details: { constraint, table, fields: named },
    });
  };
