import { normaliseKey, normalisePart, type Aggregate } from "./aggregate.ts";
import type { Guard } from "./guard.ts";
import { revisionOf } from "./repository.ts";

interface At {
  readonly id: string;
  readonly expected: bigint;
}

const clean = (definition: Aggregate, values: object) => normalisePart<Aggregate, string>(definition, values as never);

/** Marks a live root as deleted, by somebody who is named. */
export const marked = (
  definition: Aggregate,
  { id, expected }: At,
  by: { readonly by: string; readonly at: Date },
): Guard => ({
  where: { ...clean(definition, { id }), revision: revisionOf(expected), deletedAt: null },
  unless: {},
  set: normaliseKey<Aggregate, string>(definition, { deletedAt: by.at, deletedBy: by.by, updatedAt: by.at }),
  add: {},
  child: null,
  identity: ["id"],
});

/** Takes the mark away. */
export const unmarked = (definition: Aggregate, { id, expected }: At, { at }: { readonly at: Date }): Guard => ({
  where: { ...clean(definition, { id }), revision: revisionOf(expected) },
  unless: { deletedAt: null },
  set: clean(definition, { deletedAt: null, deletedBy: null, updatedAt: at }),
  add: {},
  child: null,
  identity: ["id"],
});
