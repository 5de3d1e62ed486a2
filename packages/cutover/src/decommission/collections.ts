import type { ModuleDefinition } from "@stellaops/kernel";
import { raised, registerCollection } from "@stellaops/mongo";
import { createHash } from "node:crypto";
import type { Db } from "mongodb";
import type { CollectionHead } from "./format.ts";

/**
 * - `data`: what the module stores, and the register of it: comes back byte for byte, into what is empty;
 * - `fence`: epochs and applies: never dropped, and brought back closed;
 * - `passing`: what only counts while a process lives;
 * - `record`: the rest, in which a document that is there stays as it is.
 */
export type CollectionKind = "data" | "fence" | "passing" | "record";

export function kindOf({ aggregates }: ModuleDefinition, name: string): CollectionKind {
  if (name === registerCollection || aggregates.some(({ table }) => table === name)) return "data";
  if (/^(?:epoch|apply)_\d+$/.test(name)) return "fence";
  return name === "leases" || name === "instances" ? "passing" : "record";
}

/** Every collection of the database, by name; neither views nor the server's own. */
export async function headsOf(db: Db): Promise<readonly CollectionHead[]> {
  const found = await db.listCollections({ type: "collection" }, { nameOnly: false }).toArray().catch(raised);
  const heads: CollectionHead[] = [];
  for (const { name, options } of found.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (name.startsWith("system.")) continue;
    const indexes = await db.collection(name).indexes().catch(raised);
    heads.push({
      collection: name,
      options: options ?? {},
      indexes: indexes.filter((index) => index.name !== "_id_").map(({ ns: _ns, ...index }) => index),
    });
  }
  return heads;
}

/** The documents of a collection as they are stored, in the order of `_id`. */
export async function* rawDocuments(db: Db, name: string): AsyncGenerator<Uint8Array> {
  const cursor = db
    .collection(name)
    .find({}, { raw: true, sort: { _id: 1 }, hint: { _id: 1 }, readConcern: { level: "majority" } });
  try {
    while (await cursor.hasNext().catch(raised)) yield* cursor.readBufferedDocuments() as unknown as Uint8Array[];
  } finally {
    await cursor.close();
  }
}

/** SHA-256 and number of a collection's documents, as an archive has them. */
export async function contentOf(
  db: Db,
  name: string,
): Promise<{ readonly documents: number; readonly sha256: string }> {
  const hash = createHash("sha256");
  let documents = 0;
  for await (const bytes of rawDocuments(db, name)) {
    hash.update(bytes);
    documents += 1;
  }
  return { documents, sha256: hash.digest("hex") };
}
