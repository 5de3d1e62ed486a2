import type { Database } from "../stages.ts";
import { rawDocument, type RawDocument } from "./mongo/raw.ts";
import type { PostgresDigest } from "./postgres/digest.ts";
import { digestOf, sameTables, type KeyRange, type Tables } from "./range.ts";
import { keyText, type CompareSides, type Suspect } from "./record.ts";

/** The documents of one range, as far apart as their weight allows. */
export interface Stretch {
  readonly range: KeyRange;
  readonly documents: readonly RawDocument[];
}

/** Bytes of documents that a range holds at most, save the last one. */
const maxBytes = 4 * 1024 * 1024;

/** Cuts documents into ranges of so many rows at most; the last one is open where the whole is. A range ends with a key that both databases order alike. */
export async function* stretches(
  batches: AsyncIterable<readonly Buffer[]>,
  whole: KeyRange,
  maxRows: number,
): AsyncGenerator<Stretch> {
  let { after } = whole;
  let documents: RawDocument[] = [];
  let weight = 0;
  for await (const batch of batches) {
    for (const bytes of batch) {
      const document = rawDocument(bytes);
      documents.push(document);
      weight += bytes.length;
      if (!document.bounds || (documents.length < maxRows && weight < maxBytes)) continue;
      yield { range: { ...whole, after, upTo: document.key }, documents };
      after = document.key;
      documents = [];
      weight = 0;
    }
  }
  yield { range: { ...whole, after }, documents };
}

/** Marks the documents that are odd; with `derived`, also those whose derived fields do not follow from the others. */
export function tablesOf({ mongo }: CompareSides, documents: readonly RawDocument[], derived: boolean): Tables {
  const digesting = mongo.digesting();
  digesting.add(documents, derived);
  return digesting.end();
}

/** Whether PostgreSQL has in a range what the documents say, and its register agrees. */
export const agrees = (expected: Tables, found: PostgresDigest, registered: Database | null): boolean =>
  sameTables(expected, found.tables) &&
  found.contradictions === 0 &&
  (registered !== "postgres" || found.unregistered === 0);

/**
 * Keys of a stretch that have to be looked at exactly: those whose documents are odd, and, where the digests of the range differ, those of
 * which the digests of the rows differ; so a difference makes a row travel, not a range. `onRows` is told how many rows PostgreSQL has.
 */
export async function* suspectsOf(
  sides: CompareSides,
  { range, documents }: Stretch,
  checked: { readonly equal: boolean; readonly rows: number },
  registered: Database | null,
  onRows: (rows: number) => void,
): AsyncGenerator<readonly Suspect[]> {
  if (checked.equal) {
    onRows(checked.rows);
    yield documents.filter(({ odd }) => odd).flatMap(suspectOf);
    return;
  }
  const open = new Map(
    documents.flatMap((document) => (document.key === null ? [] : [[keyText(document.key), document]])),
  );
  for await (const rows of sides.postgres.rows(range)) {
    onRows(rows.length);
    const unequal = rows.flatMap(({ key, bytes, digest, contradicts, unregistered }): readonly Suspect[] => {
      const document = open.get(keyText(key));
      open.delete(keyText(key));
      if (document === undefined) return [{ key, bytes }];
      const agreed = !contradicts && !(unregistered && registered === "postgres") && !document.odd;
      if (agreed && digestOf(tablesOf(sides, [document], false)) === digest) return [];
      return [{ key, bytes: Math.max(bytes, document.bytes.length) }];
    });
    if (unequal.length > 0) yield unequal;
  }
  const own = [...open.values()].flatMap(suspectOf);
  for await (const orphans of sides.postgres.orphans(range)) yield orphans.filter(({ key }) => !open.has(keyText(key)));
  yield own;
}

const suspectOf = ({ key, bytes }: RawDocument): readonly Suspect[] =>
  key === null ? [] : [{ key, bytes: bytes.length }];
