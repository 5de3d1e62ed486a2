import { canonical, canonicalJson, sha256, type Known, type Stored } from "@stellaops/kernel";
import { kevFlags, type KevFlag } from "../aggregates.ts";

/** Equal marks mean equal flags, whatever their ids and times. */
export function kevMark(flag: KevFlag): string {
  const { id: _id, createdAt: _createdAt, updatedAt: _updatedAt, ...content } = canonical(kevFlags.shape, flag);
  return sha256(canonicalJson(content));
}

export const knownKev = (flag: Stored<typeof kevFlags>): Known => ({
  id: flag.id,
  revision: flag.revision,
  createdAt: flag.createdAt,
  key: flag.cve,
  mark: kevMark(flag),
});
