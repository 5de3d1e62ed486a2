import { dataError, isChild, type Aggregate, type ModuleDefinition } from "@stellaops/kernel";
import { BSON } from "mongodb";

/** How the documents of one collection are to be read. */
export interface CollectionMapping {
  /** Name in the document to name of the field. `_id` is copied, as text where the field is one; the others are moved. */
  readonly rename?: Readonly<Record<string, string>>;
  /** Values of fields that a document does not have. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** A json field that takes fields nobody declared, each under its own name, and an ObjectId that the id was made from as `_id`. */
  readonly keep?: string;
}

/** By collection. */
export type Mapping = Readonly<Record<string, CollectionMapping>>;

export const noMapping: CollectionMapping = {};

/**
 * Reads a mapping from extended JSON, so that a default may be a date or a decimal: `{"createdAt": {"$date": "2026-01-01T00:00:00Z"}}`.
 * @throws `ADOPT_MAPPING` (data) naming what the module does not know
 */
export function mappingOf(text: string, { name, aggregates }: ModuleDefinition): Mapping {
  const mapping = objectOf(parsed(text), "the mapping");
  for (const [table, given] of Object.entries(mapping)) {
    const aggregate = aggregates.find((one) => one.table === table);
    if (aggregate === undefined)
      throw refusal(
        `module ${name} has no collection ${table}; it has ${aggregates.map((one) => one.table).join(", ")}`,
      );
    check(aggregate, objectOf(given, table));
  }
  return mapping as Mapping;
}

/** As it is stored beside the cursor, so that an interrupted adoption goes on by the same rules. */
export const mappingText = (mapping: CollectionMapping): string => BSON.EJSON.stringify(mapping, { relaxed: false });
export const mappingFrom = (text: string): CollectionMapping => parsed(text) as CollectionMapping;

function parsed(text: string): unknown {
  try {
    return BSON.EJSON.parse(text, { relaxed: false });
  } catch (cause) {
    throw refusal("it is no extended JSON", cause);
  }
}

function check({ table, shape }: Aggregate, { rename = {}, defaults = {}, keep, ...rest }: Loose): void {
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw refusal(`${table}.${unknown} is none of rename, defaults, keep`);
  const targets = [...Object.values(objectOf(rename, `${table}.rename`)), ...Object.keys(objectOf(defaults, table))];
  for (const field of targets)
    if (typeof field !== "string" || !(Object.hasOwn(shape, field) || field === "tenantId"))
      throw refusal(`${table} has no field ${String(field)}`);
  if (keep !== undefined && !(typeof keep === "string" && placesOf(shape).includes(keep)))
    throw refusal(`${table}.keep is no json field of it; there is ${placesOf(shape).join(", ") || "none"}`);
}

/** The json fields of an aggregate: where what nobody declared could go. */
export const placesOf = (shape: Aggregate["shape"]): readonly string[] =>
  Object.entries(shape).flatMap(([name, member]) => (!isChild(member) && member.kind === "json" ? [name] : []));

type Loose = Readonly<Record<string, unknown>>;
function objectOf(value: unknown, what: string): Loose {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Loose;
  throw refusal(`${what} is no object`);
}

const refusal = (what: string, cause?: unknown): Error =>
  dataError("ADOPT_MAPPING", `this mapping cannot be used: ${what}`, { cause });
