import { keyText, type MongoRows, type Suspect } from "./record.ts";
import type { Stretch } from "./stretch.ts";

/**
 * Keys of a stretch whose documents and register entries on MongoDB contradict each other: a document of a deleted key, a live key without
 * document, another revision; and, where entries are required, a document without one.
 */
export async function missingEntries(
  mongo: MongoRows,
  { range, documents }: Stretch,
  required: boolean,
): Promise<readonly Suspect[]> {
  const open = new Map(
    documents.flatMap(({ key, revision, bytes }) =>
      key === null ? [] : [[keyText(key), { key, revision, bytes: bytes.length }] as const],
    ),
  );
  const tenants = new Set([...open.values()].map(({ key }) => key.tenant));
  for (const bound of [range.after, range.upTo]) if (bound !== null) tenants.add(bound.tenant);
  const suspects: Suspect[] = [];
  for await (const entries of mongo.entries(range, tenants))
    for (const { key, revision, deleted } of entries) {
      const there = open.get(keyText(key));
      open.delete(keyText(key));
      const agrees = there === undefined ? deleted : !deleted && there.revision === revision;
      if (!agrees) suspects.push({ key, bytes: there?.bytes ?? 0 });
    }
  return required ? [...suspects, ...open.values()] : suspects;
}
