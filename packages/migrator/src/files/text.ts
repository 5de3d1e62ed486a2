import { createHash } from "node:crypto";

/** How a file runs; given by its first line (`-- stella: …`), or none. */
export type Mode =
  /** One transaction for the whole file and its ledger row. */
  | "transaction"
  /** `-- stella: no-transaction`: statement by statement, each recorded. */
  | "statements"
  /** `-- stella: batch`: each statement again and again until it touches nothing. */
  | "batch";

const markers: Readonly<Record<string, Mode>> = { "no-transaction": "statements", batch: "batch" };

/** UTF-8 without byte order mark, LF: a checkout on another system must not look like an edit. Undefined if it is no text. */
export function decode(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.includes("\0") ? undefined : text.replaceAll(/\r\n?/g, "\n");
  } catch {
    return undefined;
  }
}

/** Undefined for a marker that does not exist. */
export function modeOf(text: string): Mode | undefined {
  const marker = /^--\s*stella:\s*(.*?)\s*(?:\n|$)/.exec(text)?.[1];
  return marker === undefined ? "transaction" : Object.hasOwn(markers, marker) ? markers[marker] : undefined;
}

/** SHA-256, hexadecimal. */
export const checksum = (text: string): string => createHash("sha256").update(text).digest("hex");
