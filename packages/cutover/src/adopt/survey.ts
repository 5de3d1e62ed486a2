import { aggregatesNamed, type Aggregate } from "@stellaops/kernel";
import { readDocument } from "../compare/mongo/bson.ts";
import { fitOptions, withDuplicates, type AdoptOptions } from "./adopt.ts";
import { duplicateCheck } from "./duplicates.ts";
import { fitterOf, type Fitting, type Misfit } from "./fit.ts";
import { Inventory, type CollectionShape } from "./inventory.ts";
import { rawPages } from "./pages.ts";

export interface Survey {
  readonly collection: string;
  readonly shape: CollectionShape;
  /** Are in the module's shape already. */
  readonly inPlace: number;
  /** Can be brought into it. */
  readonly adoptable: number;
  readonly refused: number;
  /** How many documents have an id that is made from their ObjectId. */
  readonly derived: number;
  /** Refusals by path and code, the most frequent first; indexes in a path stand as `*`. */
  readonly reasons: readonly Reason[];
}

export interface Reason {
  readonly path: string;
  readonly code: string;
  readonly message: string;
  readonly documents: number;
}

export interface SurveyOptions extends Pick<
  AdoptOptions,
  "module" | "mongo" | "tenant" | "mapping" | "only" | "signal"
> {
  readonly onMisfit?: (collection: string, misfit: Misfit) => void | Promise<void>;
  /** An id that would be made from an ObjectId. */
  readonly onDerived?: (collection: string, one: Fitting) => void | Promise<void>;
  readonly onProgress?: (progress: { readonly collection: string; readonly scanned: number }) => void;
}

/** Reads the module's collections and says what is in them and what could not be adopted. Changes nothing. */
export async function survey(options: SurveyOptions): Promise<readonly Survey[]> {
  const surveys: Survey[] = [];
  for (const aggregate of aggregatesNamed(options.module, options.only))
    surveys.push(await surveyOne(options, aggregate));
  return surveys;
}

async function surveyOne(options: SurveyOptions, aggregate: Aggregate): Promise<Survey> {
  const { mongo, signal, onMisfit, onDerived, onProgress } = options;
  const { table: collection } = aggregate;
  const fitting = fitOptions(options, collection);
  const fit = withDuplicates(fitterOf(aggregate, fitting), await duplicateCheck(mongo.db, aggregate, fitting));
  const inventory = new Inventory(aggregate);
  const reasons = new Map<string, Reason>();
  const counts = { inPlace: 0, adoptable: 0, refused: 0, derived: 0 };
  let scanned = 0;
  for await (const { documents } of rawPages(mongo.db, collection, { size: 500, after: undefined })) {
    signal?.throwIfAborted();
    for (const bytes of documents) {
      inventory.add(readDocument(bytes).document);
      const found = fit(bytes);
      if (!found.fits) {
        counts.refused += 1;
        count(reasons, found);
        await onMisfit?.(collection, found);
        continue;
      }
      counts[found.inPlace ? "inPlace" : "adoptable"] += 1;
      if (!found.derived) continue;
      counts.derived += 1;
      await onDerived?.(collection, found);
    }
    scanned += documents.length;
    onProgress?.({ collection, scanned });
  }
  const sorted = [...reasons.values()].toSorted((a, b) => b.documents - a.documents);
  return { collection, shape: inventory.shape(), ...counts, reasons: sorted };
}

/** Names of fields may be data: then their number has no end. */
const reasonLimit = 2_000;

/** Each document once for each path and code. */
function count(reasons: Map<string, Reason>, { refusals }: Misfit): void {
  const own = new Map(
    refusals.map((refusal) => {
      const path = refusal.path.replace(/(?<=\.)\d+(?=\.|$)/g, "*");
      return [`${path} ${refusal.code}`, { path, code: refusal.code, message: refusal.message }];
    }),
  );
  for (const [key, reason] of own) {
    const known = reasons.has(key) || reasons.size < reasonLimit;
    const at = known ? key : "";
    const told = known ? reason : { path: "", code: reason.code, message: "and other paths" };
    reasons.set(at, { ...told, documents: (reasons.get(at)?.documents ?? 0) + 1 });
  }
}
