import type { SoftRepository, Stored } from "@stellaops/kernel";
import type { channels } from "../aggregates.ts";

/** Where messages go. Names are unique among the live ones of a tenant; what is deleted stays, marked, and can be restored. */
export interface Channels extends SoftRepository<typeof channels> {
  /**
   * Writes the whole channel. A mark of deletion that it brings is as `softDelete` sets it, unforced.
   * @throws `SECRET_IN_ENDPOINT`, `SECRET_REF_INVALID`, `VALUE_…` (data), `REVISION_CONFLICT`, `CHANNEL_IN_USE` (conflict), `UNIQUE_VIOLATION`
   * (integrity) on uq_channels_name
   */
  put: SoftRepository<typeof channels>["put"];
  /** The tenant's own live channel of that name, else the shared one, else null. */
  findByName(name: string): Promise<Stored<typeof channels> | null>;
  /**
   * Marks a channel as deleted that no enabled rule of the tenant uses; forced, those rules keep its id, and nothing is sent by it. A rule that
   * comes at the same time either is there before, and counts, or finds no channel. A shared channel goes by force only: the rules of other
   * tenants are not seen.
   * @throws `REVISION_CONFLICT` (conflict) when it is not there at that revision, or is marked already; `CHANNEL_IN_USE` (conflict;
   * `details.rules` says how many use it)
   */
  softDelete(
    id: string,
    expected: bigint,
    by: { readonly by: string; readonly at: Date; readonly forced?: boolean },
  ): Promise<bigint>;
  /** Deletes it without a trace, on the same terms. @throws `REVISION_CONFLICT`, `CHANNEL_IN_USE` (conflict) */
  delete(id: string, expected: bigint, how?: { readonly forced: boolean }): Promise<void>;
}
