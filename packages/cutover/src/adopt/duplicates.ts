import { indexName, meets, type Aggregate, type Condition, type Shape, type TenantId } from "@stellaops/kernel";
import { mapError } from "@stellaops/mongo";
import type { Db, Document } from "mongodb";
import { memberValue } from "./convert.ts";
import type { FitOptions, Fitting } from "./fit.ts";
import type { CollectionMapping } from "./mapping.ts";
import type { Refusal } from "./refusal.ts";

/** Says which unique value a document shares with another; null: none. */
export type DuplicateCheck = (one: Fitting) => Refusal | null;

interface UniqueKey {
  readonly name: string;
  readonly fields: readonly string[];
  /** Only among documents that are not marked as deleted. */
  readonly live: boolean;
  /** Only among documents that meet it. */
  readonly where: Condition | null;
}

/**
 * Looks for unique values that several documents hold: none of these is preferred, so none of them is brought into shape. Grouped by the
 * server, which may use its disk; only the shared values are held here. A unique index that is there already spares its look.
 */
export async function duplicateCheck(db: Db, aggregate: Aggregate, options: FitOptions): Promise<DuplicateCheck> {
  const there = await uniqueIndexes(db, aggregate.table);
  const { rename = {}, defaults = {} } = options.mapping;
  const mapped = new Set([...Object.values(rename), ...Object.keys(defaults)]);
  // An index knows nothing of values that stand under another name until they are adopted.
  const keys = uniqueKeys(aggregate).filter(
    ({ name, fields }) => !there.has(name) || fields.some((field) => mapped.has(field)),
  );
  const shared = new Map<UniqueKey, ReadonlySet<string>>();
  for (const key of keys) {
    const values = await sharedValues(db, aggregate, key, options);
    if (values.size > 0) shared.set(key, values);
  }
  return (one) => {
    for (const [{ name, fields, live, where }, values] of shared)
      if (
        !(live && one.value["deletedAt"] !== null) &&
        (where === null || meets(where, one.value)) &&
        values.has(
          textOf(
            one.tenant,
            fields.map((field) => one.value[field]),
          ),
        )
      )
        return {
          path: fields.join(","),
          code: "UNIQUE_VIOLATION",
          message: `is shared with another document (${name})`,
        };
    return null;
  };
}

/** A key over a derived field is the index's to hold: the server cannot derive it from what is not in shape yet. */
const uniqueKeys = ({ table, unique, derived, soft }: Aggregate): readonly UniqueKey[] => [
  { name: `pk_${table}`, fields: ["id"], live: false, where: null },
  ...unique
    .filter(({ fields }) => fields.every((field) => !Object.hasOwn(derived, field)))
    .map(({ fields, where }) => ({ name: indexName("uq", table, fields), fields, live: soft, where })),
];

async function uniqueIndexes(db: Db, table: string): Promise<ReadonlySet<string>> {
  const [there] = await db.listCollections({ name: table }).toArray();
  if (there === undefined) return new Set();
  const indexes = await db.collection(table).listIndexes().toArray();
  return new Set(indexes.flatMap(({ name, unique }) => (unique === true ? [String(name)] : [])));
}

async function sharedValues(
  db: Db,
  { table, shape }: Aggregate,
  { fields, live, where }: UniqueKey,
  { tenant, mapping }: FitOptions,
): Promise<ReadonlySet<string>> {
  const stored = (field: string): unknown => storedAs(field, mapping);
  const pipeline: Document[] = [
    ...(live ? [{ $match: { $expr: { $eq: [{ $ifNull: [stored("deletedAt"), null] }, null] } } }] : []),
    ...(where === null ? [] : [{ $match: { $expr: { $in: [stored(where.field), where.values] } } }]),
    {
      $group: {
        _id: {
          owner: { $ifNull: [stored("tenantId"), { $literal: tenant }] },
          values: fields.map((field) => ({ $ifNull: [stored(field), null] })),
        },
        count: { $sum: 1 },
      },
    },
    // What is not there is refused for that, or is null, which may be there many times.
    { $match: { count: { $gt: 1 }, "_id.values": { $nin: [null] } } },
  ];
  const options = { allowDiskUse: true, promoteValues: false, promoteLongs: false, useBigInt64: false };
  const found = new Set<string>();
  try {
    const groups = db
      .collection(table)
      .aggregate<{ _id: { owner: unknown; values: readonly unknown[] } }>(pipeline, options);
    for await (const { _id } of groups) {
      const values = fields.map((field, i) => valueOf(shape, field, _id.values[i]));
      if (typeof _id.owner === "string" && !values.includes(undefined)) found.add(textOf(_id.owner, values));
    }
  } catch (error) {
    throw mapError(error);
  }
  return found;
}

/** Where a document has the value of a field: under its name, else where {@link reshape} takes it from. */
function storedAs(field: string, { rename = {}, defaults = {} }: CollectionMapping): unknown {
  const renamed = Object.entries(rename).flatMap(([from, to]) => (to === field ? [from] : []));
  const names = [field, ...renamed, ...(field === "id" ? ["_id"] : [])];
  const last = Object.hasOwn(defaults, field) ? { $literal: defaults[field] } : "$$REMOVE";
  return names.reduceRight<unknown>(
    (otherwise, name) => ({ $cond: [{ $eq: [{ $type: `$${name}` }, "missing"] }, otherwise, textOfName(name, field)] }),
    last,
  );
}

/** An ObjectId becomes text where `_id` is copied; the id is derived from it, and stays as it is here. */
const textOfName = (name: string, field: string): unknown =>
  name === "_id" && field !== "id"
    ? { $cond: [{ $eq: [{ $type: "$_id" }, "objectId"] }, { $toString: "$_id" }, "$_id"] }
    : `$${name}`;

const valueOf = (shape: Shape, field: string, stored: unknown): unknown => {
  const member = shape[field];
  return member === undefined ? undefined : memberValue(member, stored, field, () => undefined);
};

const textOf = (tenant: TenantId | string, values: readonly unknown[]): string =>
  JSON.stringify([tenant, ...values.map((value) => (value instanceof Date ? value.toISOString() : String(value)))]);
