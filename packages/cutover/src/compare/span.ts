import type { Both } from "./comparison.ts";
import { Findings } from "./findings.ts";
import { digestOf, type KeyRange, type RangeSeen } from "./range.ts";
import { Rechecks } from "./rechecks.ts";
import type { RecheckOptions } from "./recheck.ts";
import { keyText, type CompareSides, type Suspect } from "./record.ts";
import { missingEntries } from "./registered.ts";
import { unkeyedFinding } from "./unkeyed.ts";
import { agrees, stretches, suspectsOf, tablesOf, type Stretch } from "./stretch.ts";

export interface SpanOptions extends RecheckOptions {
  readonly both: CompareSides;
  /** Rows of a range at most. */
  readonly rangeRows: number;
  readonly findingsLimit: number;
}

/** What was seen in one part of an aggregate's keys. */
export interface SpanSeen {
  readonly rows: Both<number>;
  readonly ranges: readonly RangeSeen[];
  readonly findings: Findings;
  readonly lagging: number;
  /** Rows and documents that were read one by one. */
  readonly fetched: number;
  readonly tenants: ReadonlySet<string>;
}

/** Ranges whose digests are on their way while the next documents are read. */
const ahead = 1;

/** Compares one part of an aggregate's keys, range by range. */
export async function compareSpan(
  options: SpanOptions,
  whole: KeyRange,
  onProgress: (seen: SpanSeen) => void,
): Promise<SpanSeen> {
  const { both, registered, rangeRows, signal } = options;
  const rows = { mongo: 0, postgres: 0 };
  const ranges: RangeSeen[] = [];
  const findings = new Findings(options.findingsLimit);
  const tenants = new Set(whole.after === null ? [] : [whole.after.tenant]);
  const rechecks = new Rechecks(options, findings);
  const seen = (): SpanSeen => ({
    rows,
    ranges,
    findings,
    lagging: rechecks.lagging,
    fetched: rechecks.fetched,
    tenants,
  });

  const begin = async (stretch: Stretch) => {
    const expected = tablesOf(both, stretch.documents, true);
    const [found, entries] = await Promise.all([
      both.postgres.digest(stretch.range, expected),
      missingEntries(both.mongo, stretch, registered === "mongo"),
    ]);
    return { stretch, expected, found, entries };
  };
  const finish = async ({ stretch, expected, found, entries }: Awaited<ReturnType<typeof begin>>): Promise<void> => {
    signal?.throwIfAborted();
    const { range, documents } = stretch;
    const count = found.tables[0]?.count ?? 0;
    const before = rows.postgres;
    for (const { key, bytes } of documents) if (key === null) findings.add([unkeyedFinding(options, bytes)]);
    const checked = { equal: agrees(expected, found, registered), rows: count };
    const open = new Map<string, Suspect>(entries.map((suspect) => [keyText(suspect.key), suspect]));
    for await (const suspects of suspectsOf(both, stretch, checked, registered, (n) => (rows.postgres += n))) {
      for (const { key } of suspects) open.delete(keyText(key));
      await rechecks.add(suspects);
    }
    await rechecks.add([...open.values()]);
    rows.mongo += documents.length;
    const hashed = found.tables.every((table, i) => table.count <= (expected[i]?.count ?? 0));
    ranges.push({
      upTo: range.upTo === null ? null : keyText(range.upTo),
      rows: { mongo: documents.length, postgres: rows.postgres - before },
      digest: { mongo: digestOf(expected), postgres: hashed ? digestOf(found.tables) : null },
    });
    onProgress(seen());
  };

  const begun: ReturnType<typeof begin>[] = [];
  for await (const stretch of stretches(both.mongo.documents(whole), whole, rangeRows)) {
    signal?.throwIfAborted();
    for (const { key } of stretch.documents) if (key !== null) tenants.add(key.tenant);
    const checking = begin(stretch);
    // Whoever awaits it gets the error; nobody may come to it when another one fails first.
    checking.catch(() => undefined);
    begun.push(checking);
    const first = begun.length > ahead ? begun.shift() : undefined;
    if (first !== undefined) await finish(await first);
  }
  for (const checking of begun) await finish(await checking);
  await rechecks.flush();
  onProgress(seen());
  return seen();
}
