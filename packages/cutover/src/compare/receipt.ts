import { canonicalJson, dataError, sha256, type Json } from "@stellaops/kernel";
import type { Comparison } from "./comparison.ts";

const format = "stella-comparison-receipt/1";

/** What is kept of a comparison: proof of what was compared, not of who compared it. */
export interface Receipt {
  readonly format: typeof format;
  readonly comparison: Comparison;
  /** Of the comparison's canonical JSON, hexadecimal. */
  readonly sha256: string;
}

const digestOf = (comparison: unknown): string => sha256(canonicalJson(comparison as Json));

export const receiptOf = (comparison: Comparison): Receipt => ({ format, comparison, sha256: digestOf(comparison) });

/** A receipt as it is stored: canonical JSON (RFC 8785) and a newline, the same bytes for the same comparison. */
export const receiptText = (receipt: Receipt): string => `${canonicalJson(receipt as unknown as Json)}\n`;

/**
 * The receipt in a text, after its digest was computed again. Formatting may have changed on the way; content may not.
 * @throws `RECEIPT_UNREADABLE`, `RECEIPT_ALTERED` (data)
 */
export function verifyReceipt(text: string): Receipt {
  const receipt = parse(text);
  const digest = digestOf(receipt.comparison);
  if (digest === receipt.sha256) return receipt;
  throw dataError(
    "RECEIPT_ALTERED",
    "this receipt was changed after it was written: its digest is another one; compare again",
    { details: { stated: receipt.sha256, computed: digest } },
  );
}

function parse(text: string): Receipt {
  try {
    const value: unknown = JSON.parse(text);
    if (isReceipt(value)) return value;
  } catch (error) {
    throw unreadable(error);
  }
  throw unreadable();
}

const isReceipt = (value: unknown): value is Receipt =>
  typeof value === "object" &&
  value !== null &&
  "format" in value &&
  value.format === format &&
  "sha256" in value &&
  typeof value.sha256 === "string" &&
  "comparison" in value &&
  typeof value.comparison === "object" &&
  value.comparison !== null;

const unreadable = (cause?: unknown): Error =>
  dataError("RECEIPT_UNREADABLE", `this is no receipt of a comparison (${format}); give the file that compare wrote`, {
    cause,
  });
