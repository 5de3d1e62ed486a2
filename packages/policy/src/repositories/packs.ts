import type { Repository, Stored } from "@stellaops/kernel";
import type { Pack, packs } from "../aggregates.ts";

export interface Activation {
  readonly packId: string;
  /** A published version of that pack. */
  readonly version: string;
  readonly at: Date;
}

/** Named sets of rules; the versions of a pack are aggregates of their own. */
export interface Packs extends Repository<typeof packs> {
  /**
   * As every `put`, but for the version in use: a new pack has none, and a change leaves it as it is. `activate` alone sets it.
   * @throws beside those of every `put`: `PACK_ACTIVE_VERSION` (conflict) when `activeVersion` is not what is stored
   */
  put(pack: Pack, expected: bigint): Promise<bigint>;
  /**
   * Also a pack in use; its versions stay, for published ones never go.
   * @throws `REVISION_CONFLICT` (conflict) when it is not there at that revision
   */
  delete(id: string, expected: bigint): Promise<void>;
  /** The tenant's own pack of that name, else the shared one, else null. */
  findByName(name: string): Promise<Stored<typeof packs> | null>;
  /**
   * Puts one of the tenant's own versions into use, in one unit; of several at once the last stays. Null when the tenant has no such pack.
   * @throws `PACK_VERSION_MISSING` (not-found) when the pack has no such version, `PACK_NOT_PUBLISHED` (conflict) when it is a draft or
   * retired, `VALUE_…` (data)
   */
  activate(activation: Activation): Promise<Stored<typeof packs> | null>;
}
