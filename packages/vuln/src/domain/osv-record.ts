import { z } from "zod";

/** Go encodes an empty list as null, so null and absent are one. */
const many = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);
const maybe = <T extends z.ZodType>(value: T) => value.nullish().transform((given) => given ?? null);

const name = z.string().min(1);
/** The schema asks for UTC with a `Z`; digits beyond milliseconds are cut. The year 1 occurs and is legal. */
const instant = z.iso.datetime().transform((text) => new Date(text));

const severity = z.looseObject({ type: name, score: z.string() });
const range = z.looseObject({
  type: z.string(),
  repo: z.string().nullish(),
  events: z.array(z.looseObject({ fixed: z.string().nullish() })),
});
const affected = z.looseObject({
  package: maybe(z.looseObject({ ecosystem: name, name, purl: maybe(name) })),
  severity: many(severity),
  ranges: many(range),
  versions: many(z.string()),
});

/** Free-form by the schema: what is not in the form that GitHub gave these two fields is left alone, not refused. */
const databaseSpecific = z.looseObject({
  severity: z.string().nullable().catch(null),
  cwe_ids: z.array(z.string()).catch([]),
});

/**
 * What is mapped of one record of the OSV schema, strict in those fields. Everything else (`related`, `upstream`,
 * `ecosystem_specific`, fields of later versions of the schema) is allowed to be anything: it lives on in the advisory's `raw`.
 */
export const osvRecord = z.looseObject({
  schema_version: maybe(z.string()),
  id: name,
  modified: instant,
  published: maybe(instant),
  withdrawn: maybe(instant),
  aliases: many(name),
  summary: maybe(z.string()),
  details: maybe(z.string()),
  severity: many(severity),
  affected: many(affected),
  references: many(z.looseObject({ type: z.string(), url: z.string() })),
  credits: many(z.looseObject({ name, type: maybe(z.string()), contact: many(z.string()) })),
  database_specific: databaseSpecific.catch({ severity: null, cwe_ids: [] }),
});

export type OsvRecord = z.infer<typeof osvRecord>;
export type OsvAffected = OsvRecord["affected"][number];
export type OsvSeverity = OsvRecord["severity"][number];
