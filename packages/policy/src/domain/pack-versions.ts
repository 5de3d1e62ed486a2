import { dataError, normalise, normaliseKey, revisionOf } from "@stellaops/kernel";
import { packVersions, type PackVersion } from "../aggregates.ts";
import type { Publication, Retirement } from "../repositories/pack-versions.ts";

/** @throws `PACK_NOT_DRAFT`, `VALUE_…` (data) */
export function draftOf(version: PackVersion): PackVersion {
  const clean = normalise(packVersions, version);
  const { status, publishedAt, publishedBy } = clean;
  if (status !== "draft" || publishedAt !== null || publishedBy !== null)
    throw dataError(
      "PACK_NOT_DRAFT",
      "a pack version is put as a draft, without a publication; publish() and retire() move it",
      { details: { path: "status" } },
    );
  return clean;
}

interface Reviewed {
  readonly id: string;
  readonly expected?: bigint;
}
const draftAt = ({ id, expected }: Reviewed) => ({
  id,
  status: "draft" as const,
  ...(expected === undefined ? {} : { revision: revisionOf(expected) }),
});

/** @throws `VALUE_…`, `REVISION_INVALID` (data) */
export function published({ by, at, ...draft }: Publication) {
  normaliseKey(packVersions, { publishedBy: by, publishedAt: at });
  return {
    where: draftAt(draft),
    set: { status: "published" as const, publishedAt: at, publishedBy: by, updatedAt: at },
  };
}

/** @throws `VALUE_…`, `REVISION_INVALID` (data) */
export const retired = ({ at, ...draft }: Retirement) => ({
  where: draftAt(draft),
  set: { status: "retired" as const, updatedAt: at },
});

/** A hash as `packHash` writes it. @throws `VALUE_INVALID` (data) */
export function hashKey(contentHash: string): string {
  if (typeof contentHash === "string" && /^[0-9a-f]{64}$/.test(contentHash)) return contentHash;
  throw dataError("VALUE_INVALID", "contentHash is no SHA-256 in lower case hexadecimal; make it with packHash()", {
    details: { path: "contentHash" },
  });
}
