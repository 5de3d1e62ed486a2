import { canonical, canonicalJson, childrenOf, derivedOf, fieldsOf, type Field, type Json } from "@stellaops/kernel";
import type { Layout } from "./layout.ts";
import type { RawRecord } from "./record.ts";

export interface WrongDerived {
  readonly path: string;
  /** Canonical JSON of what the aggregate gives. */
  readonly expected: string;
}

export type DerivedCheck = (record: RawRecord) => readonly WrongDerived[];

/** Computes derived fields from the stored aggregate and tells those that are stored otherwise. A record with unreadable values is left out. */
export function derivedCheck(layout: Layout): DerivedCheck {
  const derived = derivedOf(layout.definition);
  if (derived.length === 0) return () => [];
  return (record) => {
    if (record.issues.some((issue) => issue.class === "unreadable")) return [];
    const aggregate = lazyAggregate(layout, record);
    return derived.flatMap(({ name, field, from }) => {
      const made = canonical({ [name]: field }, { [name]: from(aggregate as never) })[name];
      const expected = canonicalJson(made ?? null);
      return expected === record.texts[layout.at.get(name) ?? -1] ? [] : [{ path: name, expected }];
    });
  };
}

/** Members are parsed when the derivation asks for them: few of them are. */
function lazyAggregate(layout: Layout, record: RawRecord): object {
  const { shape } = layout.definition;
  const aggregate = {};
  const lazy = (name: string, read: (value: Json) => unknown) =>
    Object.defineProperty(aggregate, name, {
      enumerable: true,
      get: () => read(JSON.parse(record.texts[layout.at.get(name) ?? -1] ?? "null") as Json),
    });
  for (const { name, field } of fieldsOf(shape)) lazy(name, (value) => domainOf(field, value));
  for (const { name, child } of childrenOf(shape)) {
    const fields = fieldsOf(child.fields);
    lazy(name, (rows) =>
      (rows as readonly Readonly<Record<string, Json>>[]).map((row) =>
        Object.fromEntries(fields.map(({ name: of, field }) => [of, domainOf(field, row[of] ?? null)])),
      ),
    );
  }
  return aggregate;
}

function domainOf({ kind }: Field, value: Json): unknown {
  if (typeof value !== "string") return value;
  return kind === "instant" ? new Date(value) : kind === "count" ? BigInt(value) : value;
}
