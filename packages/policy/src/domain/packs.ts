import { conflict, normaliseKey, notFound, stale, type DataLayerError, type Stored } from "@stellaops/kernel";
import { packs, packVersions, type Pack } from "../aggregates.ts";
import type { Activation } from "../repositories/packs.ts";

const activeVersionOf = ({ id }: Pick<Pack, "id">): DataLayerError =>
  conflict(
    "PACK_ACTIVE_VERSION",
    `pack ${id}: activeVersion is set by activate() alone; put what is stored; null for a new pack`,
    {
      details: { packId: id },
    },
  );

/** @throws `PACK_ACTIVE_VERSION` (conflict) */
export function newPack(pack: Pack): Pack {
  if (pack.activeVersion !== null) throw activeVersionOf(pack);
  return pack;
}

/** Why a pack was not put. */
export function notPut(found: Stored<typeof packs> | null, tenant: string, expected: bigint): DataLayerError {
  const there = found?.tenantId === tenant && found.revision === expected;
  return there ? activeVersionOf(found) : stale(packs, expected);
}

/** @throws `VALUE_…` (data) */
export function cleanActivation({ packId, version, at }: Activation): Activation {
  const { id, updatedAt } = normaliseKey(packs, { id: packId, updatedAt: at });
  return { packId: id, at: updatedAt, version: normaliseKey(packVersions, { version }).version };
}

/** @throws `PACK_VERSION_MISSING` (not-found), `PACK_NOT_PUBLISHED` (conflict) */
export function refuseUnpublished(
  found: Stored<typeof packVersions> | null,
  { packId, version }: Pick<Activation, "packId" | "version">,
): void {
  const details = { packId, version };
  if (found === null)
    throw notFound("PACK_VERSION_MISSING", `this tenant has no version ${version} of pack ${packId}; put it first`, {
      details,
    });
  if (found.status !== "published")
    throw conflict("PACK_NOT_PUBLISHED", `version ${version} of pack ${packId} is ${found.status}; publish it first`, {
      details,
    });
}
