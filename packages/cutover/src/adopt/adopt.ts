import {
  aggregatesNamed,
  refused,
  retryTransient,
  type Aggregate,
  type ModuleDefinition,
  type TenantId,
} from "@stellaops/kernel";
import { applyMongo } from "@stellaops/migrator";
import type { Mongo } from "@stellaops/mongo";
import { noFaults, type Faults } from "../faults.ts";
import { mongoSchema } from "../mongo/install.ts";
import { mongoRecords } from "../mongo/record.ts";
import { readDocument } from "../compare/mongo/bson.ts";
import { adoptionsOf, type Adoption, type AdoptionCounts } from "./cursor.ts";
import { duplicateCheck, type DuplicateCheck } from "./duplicates.ts";
import { fitterOf, type Fit, type FitOptions } from "./fit.ts";
import { noMapping, type Mapping } from "./mapping.ts";
import { forgetGone, misfitOf, saveMisfits } from "./misfits.ts";
import { rawPages } from "./pages.ts";
import { stamp, type LiveWrite, type Stamped } from "./stamp.ts";

export interface AdoptOptions {
  readonly module: ModuleDefinition;
  readonly mongo: Mongo;
  /** Whose the documents are that name no tenant; null: those are refused. */
  readonly tenant: TenantId | null;
  readonly mapping: Mapping;
  /** Collections; all of the module's when left out. */
  readonly only?: readonly string[];
  /** Documents of one transaction at most; 200, and fewer where they are large. */
  readonly batch?: number;
  readonly faults?: Faults;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: AdoptProgress) => void;
}

export interface AdoptProgress extends AdoptionCounts {
  readonly collection: string;
  readonly done: boolean;
}

export interface Adopted extends AdoptionCounts {
  readonly collection: string;
}

/**
 * Brings the documents of a module's collections, which another program has made, into the module's shape: `tenantId`, `id`, `revision`,
 * derived fields, and values in the types that repositories store. Other writers may go on: each batch is one transaction that fails when
 * somebody changes one of its documents. Resumes from its durable cursors; a second run changes nothing. What does not fit is listed in the
 * collection `misfits` and stays as it is.
 * @throws `AGGREGATE_UNKNOWN` (data); `ADOPT_STAGE`, `MONGO_STANDALONE` (refused)
 */
export async function adopt(options: AdoptOptions): Promise<readonly Adopted[]> {
  const { module, mongo, only } = options;
  await liveWrite(mongo, module);
  await applyMongo(mongo.db, mongoSchema);
  const adopted: Adopted[] = [];
  for (const aggregate of aggregatesNamed(module, only)) adopted.push(await adoptCollection(options, aggregate));
  return adopted;
}

export const fitOptions = (
  { tenant, mapping }: Pick<AdoptOptions, "tenant" | "mapping">,
  table: string,
): FitOptions => ({
  tenant,
  mapping: mapping[table] ?? noMapping,
});

/**
 * How documents may be written at the stage as it is: freely while there is no record, as units of the epoch at stage `mongo`.
 * @throws `ADOPT_STAGE` (refused)
 */
async function liveWrite({ db }: Mongo, { name }: ModuleDefinition): Promise<LiveWrite> {
  const record = await mongoRecords(db, name).read();
  if (record === null) return null;
  const { state, stage, epoch, generation } = record;
  if (state === "settled" && stage === "mongo")
    return { epoch, register: { module: name, generation, pending: false, touched: () => {} } };
  throw refused(
    "ADOPT_STAGE",
    state === "settled"
      ? `module ${name} is at stage "${stage}"; documents are adopted before it leaves "mongo", and from then on writes of other programs are captured (\`stella-data capture status --module ${name}\`)`
      : `the stage of module ${name} is changing, or PostgreSQL is its primary; documents are adopted at stage "mongo" or before there is a stage record`,
    { details: { stage, state } },
  );
}

async function adoptCollection(options: AdoptOptions, aggregate: Aggregate): Promise<Adopted> {
  const { mongo, batch = 200, faults = noFaults, signal, onProgress } = options;
  const { table } = aggregate;
  const fitting = fitOptions(options, table);
  const adoptions = adoptionsOf(mongo.db);
  const fit = withDuplicates(fitterOf(aggregate, fitting), await duplicateCheck(mongo.db, aggregate, fitting));
  let { cursor, counts }: Adoption = await adoptions.resume(table, fitting);
  for await (const { documents, last } of rawPages(mongo.db, table, { size: batch, after: cursor })) {
    signal?.throwIfAborted();
    const names = documents.map((bytes) => readDocument(bytes).document["_id"]);
    const stamped = await adoptBatch(options, { aggregate, fit, names });
    await faults.at("adopt-stamped");
    counts = {
      scanned: counts.scanned + documents.length,
      adopted: counts.adopted + stamped.changed.length,
      inPlace: counts.inPlace + stamped.inPlace.length,
      refused: counts.refused + stamped.misfits.length,
    };
    cursor = last;
    await adoptions.save(table, fitting, { cursor, done: false, counts });
    await faults.at("adopt-saved");
    onProgress?.({ collection: table, ...counts, done: false });
  }
  await forgetGone(mongo.db, table);
  await adoptions.save(table, fitting, { cursor, done: true, counts });
  onProgress?.({ collection: table, ...counts, done: true });
  return { collection: table, ...counts };
}

/** What fits by itself and shares a unique value with another document is a misfit all the same. */
export const withDuplicates =
  (fit: (bytes: Uint8Array) => Fit, duplicates: DuplicateCheck) =>
  (bytes: Uint8Array): Fit => {
    const found = fit(bytes);
    const refusal = found.fits ? duplicates(found) : null;
    return refusal === null ? found : { fits: false, name: found.name, refusals: [refusal] };
  };

interface Batch {
  readonly aggregate: Aggregate;
  readonly fit: (bytes: Uint8Array) => Fit;
  readonly names: readonly unknown[];
}

/** All in one transaction; when the database refuses one, each alone, so that only the refused are told. */
async function adoptBatch(options: AdoptOptions, batch: Batch): Promise<Stamped> {
  const { names } = batch;
  try {
    return await stampOnce(options, batch);
  } catch (error) {
    const misfit = misfitOf(names[0], error);
    if (names.length === 1) {
      await saveMisfits(options.mongo.db, batch.aggregate.table, [misfit], []);
      return { changed: [], inPlace: [], misfits: [misfit] };
    }
    const each: Stamped[] = [];
    for (const name of names) each.push(await adoptBatch(options, { ...batch, names: [name] }));
    return {
      changed: each.flatMap(({ changed }) => changed),
      inPlace: each.flatMap(({ inPlace }) => inPlace),
      misfits: each.flatMap(({ misfits }) => misfits),
    };
  }
}

/** Learns the stage anew each time: it may have changed since. */
const stampOnce = ({ mongo, module, signal }: AdoptOptions, batch: Batch): Promise<Stamped> =>
  retryTransient(
    async () => stamp({ mongo, ...batch, live: await liveWrite(mongo, module), always: false }, batch.names),
    { deadlineMs: 60_000, ...(signal === undefined ? {} : { signal }) },
  );
