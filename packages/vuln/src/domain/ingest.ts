import { cleanBatch, ingested, planIngest, type Ingested, type IngestPlan, type Known } from "@stellaops/kernel";
import { advisories, type Advisory } from "../aggregates.ts";

/** One database, as an ingest uses it. */
export interface IngestStore {
  /** What the tenant itself has under these advisory keys. */
  known(keys: readonly string[]): Promise<readonly Known[]>;
  /** All of the plan in one unit; a transient error where another writer came between. */
  write(plan: IngestPlan<Advisory>): Promise<void>;
}

/** Reads what is there, and writes what is new or has another content hash: one round trip where nothing has. */
export async function ingest(batch: readonly Advisory[], store: IngestStore): Promise<Ingested> {
  const clean = cleanBatch(advisories, batch, 1_000, ({ advisoryKey }) => advisoryKey);
  const known = await store.known(clean.map(({ advisoryKey }) => advisoryKey));
  const plan = planIngest(known, clean, ({ advisoryKey, contentHash }) => ({ key: advisoryKey, mark: contentHash }));
  if (plan.unchanged < clean.length) await store.write(plan);
  return ingested(plan);
}
