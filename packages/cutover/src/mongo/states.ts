import { isDataLayerError, type Aggregate, type DataLayerError } from "@stellaops/kernel";
import { mapError, type DocumentCodec, type RegisterEntry, type StoredDocument } from "@stellaops/mongo";
import { contradiction } from "../replication/faults.ts";
import type { KeyState } from "../replication/replica.ts";

type Entry = Pick<RegisterEntry, "id" | "generation" | "revision" | "deleted">;

/** One key as it travels: its entry, and the document that belongs to it. */
export function stateOf(codec: DocumentCodec<Aggregate>, entry: Entry, document: StoredDocument | undefined): KeyState {
  const { id, generation, revision, deleted } = entry;
  const key = { id, generation, revision, deleted };
  if (deleted) return { ...key, value: null, fault: null };
  try {
    if (document === undefined || revisionOf(document) !== revision) throw contradiction(entry);
    return { ...key, value: codec.decode(document), fault: null };
  } catch (error) {
    return { ...key, value: null, fault: faultOf(error) };
  }
}

/** Another program may have stored it as a 32-bit integer. */
export const revisionOf = ({ revision }: { readonly revision: unknown }): bigint | null =>
  typeof revision === "bigint" || Number.isInteger(revision) ? BigInt(String(revision)) : null;

const faultOf = (error: unknown): DataLayerError => (isDataLayerError(error) ? error : mapError(error));
