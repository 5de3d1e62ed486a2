import { byBytes, dataError, type Json } from "@stellaops/kernel";

const scopes = ["all_images", "by_namespace", "by_repository", "by_digest", "by_labels"] as const;

/** Which images an evaluation is about. Lists say nothing by their order, and an empty list says nothing at all. */
export interface Selector {
  readonly scope: (typeof scopes)[number];
  readonly namespaces?: readonly string[];
  readonly repositories?: readonly string[];
  readonly digests?: readonly string[];
  readonly includeTags?: readonly string[];
  readonly labels?: readonly { readonly key: string; readonly values: readonly string[] }[];
  readonly resolvesTags?: boolean;
}

/** The one form of a selector: equal ones are equal JSON, and so have equal digests. @throws `VALUE_…` (data) */
export function normaliseSelector(selector: Selector): Json & { readonly scope: Selector["scope"] } {
  refuseNoSelector(selector);
  const { scope, labels = [], resolvesTags = false } = selector;
  const values = new Map<string, readonly string[]>();
  for (const label of labels) values.set(label.key.trim(), [...(values.get(label.key.trim()) ?? []), ...label.values]);
  const merged = [...values]
    .toSorted(([a], [b]) => byBytes(a, b))
    .map(([key, all]) => ({ key, values: distinct(all) }));
  const lists = {
    namespaces: distinct(selector.namespaces),
    repositories: distinct(selector.repositories),
    digests: distinct(selector.digests?.map((digest) => digest.toLowerCase())),
    includeTags: distinct(selector.includeTags),
    labels: merged,
  };
  return { scope, resolvesTags, ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)) };
}

const distinct = (texts: readonly string[] = []): readonly string[] =>
  [...new Set(texts.map((text) => text.trim()).filter((text) => text !== ""))].toSorted(byBytes);

type Loose = Readonly<Record<string, unknown>>;
const lists = ["namespaces", "repositories", "digests", "includeTags"] as const;

function refuseNoSelector(selector: unknown): void {
  refuseUnless(isObject(selector), "selector", "an object");
  const { scope, labels = [], resolvesTags = false } = selector as Loose;
  if (!scopes.some((one) => one === scope))
    throw dataError("VALUE_CHOICE", `selector: scope is none of ${scopes.join(", ")}`, {
      details: { path: "selector.scope" },
    });
  refuseUnless(typeof resolvesTags === "boolean", "selector.resolvesTags", "true or false");
  for (const name of lists) refuseNoTexts((selector as Loose)[name], `selector.${name}`);
  refuseUnless(Array.isArray(labels), "selector.labels", "a list of labels");
  for (const [i, label] of (labels as readonly unknown[]).entries()) {
    refuseUnless(isObject(label) && typeof label["key"] === "string", `selector.labels.${i}.key`, "a text");
    refuseNoTexts((label as Loose)["values"] ?? null, `selector.labels.${i}.values`);
  }
}

const isObject = (value: unknown): value is Loose =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function refuseNoTexts(value: unknown, path: string): void {
  const texts = value === undefined || (Array.isArray(value) && value.every((text) => typeof text === "string"));
  refuseUnless(texts, path, "a list of texts");
}

function refuseUnless(holds: boolean, path: string, what: string): void {
  if (!holds) throw dataError("VALUE_INVALID", `${path} is not ${what}`, { details: { path } });
}
