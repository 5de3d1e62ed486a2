import { byBytes, type Json } from "@stellaops/kernel";

/** Which images an evaluation is about. Lists say nothing by their order, and an empty list says nothing at all. */
export interface Selector {
  readonly scope: "all_images" | "by_namespace" | "by_repository" | "by_digest" | "by_labels";
  readonly namespaces?: readonly string[];
  readonly repositories?: readonly string[];
  readonly digests?: readonly string[];
  readonly includeTags?: readonly string[];
  readonly labels?: readonly { readonly key: string; readonly values: readonly string[] }[];
  readonly resolvesTags?: boolean;
}

/** The one form of a selector: equal ones are equal JSON, and so have equal digests. */
export function normaliseSelector(selector: Selector): Json & { readonly scope: Selector["scope"] } {
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
