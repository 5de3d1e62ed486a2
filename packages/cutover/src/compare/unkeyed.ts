import { byBytes } from "@stellaops/kernel";
import type { AggregateOptions } from "./aggregate.ts";
import type { Finding } from "./comparison.ts";
import { rawDocument } from "./mongo/raw.ts";
import { shownAt } from "./paths.ts";

type Options = Pick<AggregateOptions, "layout" | "both" | "tenant">;

/** The finding for a document whose key is of no use: it is named by its _id, and matches no row. */
export function unkeyedFinding({ layout, both }: Pick<Options, "layout" | "both">, bytes: Buffer): Finding {
  const { name, tenant, record } = both.mongo.record(bytes);
  return {
    aggregate: layout.definition.table,
    tenant,
    id: name,
    class: "unreadable",
    paths: record.issues
      .map(({ path }) => ({ path, mongo: shownAt(layout, record, path), postgres: "absent" }))
      .toSorted((a, b) => byBytes(a.path, b.path)),
    revisions: { mongo: record.revision, postgres: null },
    generations: { mongo: null, postgres: null },
  };
}

/** All of an aggregate; reads the whole collection, which has no index on what is no key. */
export async function* unkeyed(options: Options): AsyncGenerator<Finding> {
  const whole = { after: null, upTo: null, tenant: options.tenant };
  for await (const batch of options.both.mongo.documents(whole))
    for (const bytes of batch) if (rawDocument(bytes).key === null) yield unkeyedFinding(options, bytes);
}
