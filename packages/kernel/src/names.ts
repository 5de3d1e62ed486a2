/** `baseScore` to `base_score`, for columns. */
export type Snake<S> = S extends `${infer H}${infer T}`
  ? `${H extends Lowercase<H> ? H : `_${Lowercase<H>}`}${Snake<T>}`
  : S;
/** `base_score` to `baseScore`, for MongoDB's fields and the domain. */
export type Camel<S> = S extends `${infer H}_${infer T}` ? `${H}${Capitalize<Camel<T>>}` : S;

export const snake = (name: string): string => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
export const camel = (name: string): string => name.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase());

/**
 * `uq_advisories_advisory_key` and its like: one name on both databases, so that a violation maps to one domain name. The tenant leads
 * every index and is in no name, save where it is all there is.
 */
export const indexName = (kind: "uq" | "idx", table: string, fields: readonly string[]): string =>
  `${kind}_${table}_${(fields.length === 0 ? ["tenantId"] : fields).map((field) => snake(field).replaceAll(".", "_")).join("_")}`;
