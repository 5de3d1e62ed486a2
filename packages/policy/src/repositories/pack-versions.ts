import type { Page, PageRequest, Repository, Stored } from "@stellaops/kernel";
import type { PackVersion, packVersions } from "../aggregates.ts";

export interface Publication {
  readonly id: string;
  /** The revision that was reviewed; left out: whatever the draft is at. */
  readonly expected?: bigint;
  readonly by: string;
  readonly at: Date;
}

export type Retirement = Omit<Publication, "by">;

/**
 * Versions of packs. A published one refuses every later write, whoever writes: which of them is in use is said by its pack's
 * `activeVersion`, never here. The content hash is computed at every write (see `packHash`) and computed again by every comparison.
 */
export interface PackVersions extends Repository<typeof packVersions> {
  /**
   * Stores a draft, new or in the place of a draft or of a retired one, which is a draft again by that.
   * @throws beside those of every `put`: `PACK_NOT_DRAFT` (data) for what is not a draft with nothing said of its publication,
   * `IMMUTABLE` (conflict) when it is published at that revision: make a new version
   */
  put(version: PackVersion, expected: bigint): Promise<bigint>;
  /** @throws `REVISION_CONFLICT`, `IMMUTABLE` (conflict) when it is published at that revision */
  delete(id: string, expected: bigint): Promise<void>;
  /**
   * Makes a draft what it is for ever. Of many at once one wins. Null when the tenant has no draft of that id, at that revision where one is
   * named. @throws `IMMUTABLE` (conflict) when it is published already, `VALUE_…`, `REVISION_INVALID` (data)
   */
  publish(publication: Publication): Promise<Stored<typeof packVersions> | null>;
  /**
   * For drafts that will not be published; null as `publish` gives it.
   * @throws `IMMUTABLE` (conflict) when it is published: a published version is not retired, its pack puts another into use
   */
  retire(retirement: Retirement): Promise<Stored<typeof packVersions> | null>;
  /** The tenant's own version of that pack, else the shared one, else null. */
  findByVersion(packId: string, version: string): Promise<Stored<typeof packVersions> | null>;
  /** Versions that say the same, in order of id, then tenant. The hash is in lower case hexadecimal. */
  findByHash(contentHash: string, request?: PageRequest): Promise<Page<Stored<typeof packVersions>>>;
  /** Newest first, then id descending. */
  listByPack(packId: string, request?: PageRequest): Promise<Page<Stored<typeof packVersions>>>;
}
