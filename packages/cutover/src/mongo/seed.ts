import { normalise, type ModuleDefinition, type Seed } from "@stellaops/kernel";
import { documentCodec, raised, type StoredDocument } from "@stellaops/mongo";
import type { Db } from "mongodb";

/**
 * Puts a module's seeds into its MongoDB database where they are not there: what was changed since stays, and what a key of which another
 * holds is left out, as PostgreSQL's seed files do. Only while the module has no stage record, for what is written here is not entered in
 * its register, and only once for the same seeds, so that what was deleted does not come back. Gives how many rows were new.
 */
export async function seedMongo(db: Db, { name, seeds = [] }: ModuleDefinition): Promise<number> {
  if (seeds.length === 0 || (await recorded(db))) return 0;
  const ledger = db.collection<{ readonly _id: string; readonly rows: readonly string[] }>("schema_migrations");
  const _id = `${name} seeds`;
  const known = new Set((await ledger.findOne({ _id }).catch(raised))?.rows);
  let added = 0;
  for (const seed of seeds) added += await insert(db, seed, known);
  const rows = seeds.flatMap(keysOf);
  await ledger.updateOne({ _id }, { $addToSet: { rows: { $each: rows } } }, { upsert: true }).catch(raised);
  return added;
}

const recorded = async (db: Db): Promise<boolean> =>
  (await db
    .collection("stage")
    .findOne({}, { projection: { _id: 1 } })
    .catch(raised)) !== null;

const keyOf = ({ aggregate, tenant }: Seed, id: unknown): string => `${aggregate.table}/${tenant}/${String(id)}`;
const keysOf = (seed: Seed): readonly string[] => seed.rows.map((row) => keyOf(seed, "id" in row ? row.id : ""));

async function insert(db: Db, seed: Seed, known: ReadonlySet<string>): Promise<number> {
  const { aggregate, tenant } = seed;
  const codec = documentCodec(aggregate);
  const documents = seed.rows
    .map((row) => codec.encode(normalise(aggregate, row), tenant, 1n))
    .filter(({ id }) => !known.has(keyOf(seed, id)));
  let added = 0;
  for (const document of documents) added += await insertOne(db, aggregate.table, document);
  return added;
}

async function insertOne(db: Db, table: string, document: StoredDocument): Promise<number> {
  try {
    await db.collection<StoredDocument>(table).insertOne({ _id: `${document.tenantId}/${document.id}`, ...document });
    return 1;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === 11000) return 0;
    return raised(error);
  }
}
