import { canonical, canonicalJson, planIngest, sha256, type IngestPlan, type Stored } from "@stellaops/kernel";
import { kevFlags, type KevFlag } from "../aggregates.ts";

/** What makes the stored flags the given ones; equal flags are left alone, whatever their ids and times. */
export const planFlags = (stored: readonly Stored<typeof kevFlags>[], flags: readonly KevFlag[]): IngestPlan<KevFlag> =>
  planIngest(
    stored.map((flag) => ({ ...flag, ...marked(flag) })),
    flags,
    marked,
  );

const marked = (flag: KevFlag): { readonly key: string; readonly mark: string } => {
  const { id: _id, createdAt: _createdAt, updatedAt: _updatedAt, ...content } = canonical(kevFlags.shape, flag);
  return { key: flag.cve, mark: sha256(canonicalJson(content)) };
};
