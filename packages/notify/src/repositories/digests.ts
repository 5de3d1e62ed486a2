import type { ClaimRef, ClaimRequest, Claims, Json, Reader, Stored } from "@stellaops/kernel";
import type { Digest, digests } from "../aggregates.ts";

export interface DigestItem extends Pick<Digest, "actionKey" | "window"> {
  /** A fresh one, for the digest where the item opens its window. */
  readonly id: string;
  /** At most about 8 kB. */
  readonly item: Json;
  readonly at: Date;
}

/** Where an item went. */
export interface Gathered extends Pick<Digest, "windowStart" | "itemCount"> {
  readonly digestId: string;
  /** False: it was open already. */
  readonly opened: boolean;
}

/** What is sent together; one digest an action, kind of window and window. */
export interface Digests extends Reader<typeof digests>, Claims<typeof digests> {
  /**
   * Appends an item to the digest of the window that `at` is in, and opens it where there is none. Where that digest takes no more, since it is being
   * flushed, is closed, or holds 1,000 items, the item goes into the next window, and so on until one takes it: what was added is flushed once, and
   * nothing is lost. However many add at once, each item is in one digest, in the order in which they were added.
   * @throws `VALUE_…` (data), among them `VALUE_TOO_LARGE` for an item; `REVISION_CONFLICT` (conflict) when the id is another digest's
   */
  addItem(item: DigestItem): Promise<Gathered>;
  /**
   * Claims the tenant's own digests whose window is over at `at`, and gives them with their items: no item is added from then on. Each is given to one
   * of any number of flushers; one that nobody closed before its lease ran out is given to the next. In order of `dueAt`, then id.
   * @throws `LIMIT_INVALID`, `LEASE_INVALID`, `VALUE_…` (data)
   */
  flushDue(request: ClaimRequest): Promise<readonly Stored<typeof digests>[]>;
  /** Ends a claim: its items were sent. @throws `CLAIM_LOST` (conflict), `VALUE_…` (data) */
  close(ref: ClaimRef, done: { readonly at: Date }): Promise<Stored<typeof digests>>;
}
