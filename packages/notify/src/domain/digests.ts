import { dataError, normalise, sizeOf, unclaimed, type Json } from "@stellaops/kernel";
import { digests, type Digest } from "../aggregates.ts";
import type { DigestItem } from "../repositories/digests.ts";
import { digestWindow, nextDigestWindow } from "./digest-windows.ts";

export const maxItems = 1_000;
/** As BSON counts: so many items of so many bytes fit into one document. */
const maxItemBytes = 8_000;

/** The digest that holds this item alone: what an item opens, and what it is appended from. @throws `VALUE_…` (data) */
export function digestOf({ id, actionKey, window, item, at }: DigestItem): Digest {
  const draft = { id, actionKey, window, items: [item], itemCount: 1n, createdAt: at, updatedAt: at };
  const first = { windowStart: at, dueAt: at, status: "open", attempts: 0n, ...unclaimed } as const;
  const clean = normalise(digests, { ...draft, ...first });
  const bytes = sizeOf(clean.items);
  if (bytes > maxItemBytes)
    throw dataError(
      "VALUE_TOO_LARGE",
      `digest: item holds about ${bytes} bytes; at most ${maxItemBytes} are gathered: keep the payload elsewhere and add a reference`,
      { details: { path: "item", bytes, maxBytes: maxItemBytes } },
    );
  return inWindow(clean, digestWindow(clean.window, clean.createdAt));
}

const inWindow = (digest: Digest, { start, end }: { readonly start: Date; readonly end: Date }): Digest => ({
  ...digest,
  windowStart: start,
  dueAt: end,
});

/** How many windows that take no more are looked through at once. */
export const manyFull = 1_000;

/**
 * The same in the first window that may take it, after those that take no more and follow on its own without a gap; null where its own is not
 * among them. `full`: where they begin, the first first. One far ahead, of an item with a wrong time, holds nothing back.
 */
export function after(digest: Digest, full: readonly Date[]): Digest | null {
  let next: Digest | null = null;
  for (const start of full) {
    if (start.getTime() !== (next ?? digest).windowStart.getTime()) break;
    next = inWindow(digest, nextDigestWindow(digest.window, start));
  }
  return next;
}

/** The one item of a digest that `digestOf` made. */
export const itemOf = ({ items }: Digest): Json => (items as readonly Json[])[0] ?? null;

export const closed = { set: { status: "closed" as const, dueAt: null } };
