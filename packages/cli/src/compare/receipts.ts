import { comparisonsOf, verifyReceipt, type Receipt } from "@stellaops/cutover";
import { dataError, refused } from "@stellaops/kernel";
import { readFile } from "node:fs/promises";
import { reachPostgres } from "../servers.ts";
import type { Wired } from "../stage/wiring.ts";

/** @throws `RECEIPT_ALTERED`, `RECEIPT_UNREADABLE`, `RECEIPT_MISSING` (data) */
export async function receiptFrom(path: string): Promise<Receipt> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw dataError("RECEIPT_MISSING", `${path} cannot be read; give the file that \`compare run --receipt\` wrote`, {
      cause,
    });
  });
  return verifyReceipt(text);
}

/** @throws `COMPARE_NONE` (refused) when the module was never compared */
async function lastReceipt({ module: { name }, postgres }: Wired): Promise<Receipt> {
  await reachPostgres(postgres);
  const last = await comparisonsOf(postgres.pool, name).last();
  if (last !== null) return last;
  throw refused(
    "COMPARE_NONE",
    `module ${name} was not compared yet; run \`stella-data compare run --module ${name}\` first`,
  );
}

export const chosenReceipt = (wired: Wired, path: string | undefined): Promise<Receipt> =>
  path === undefined ? lastReceipt(wired) : receiptFrom(path);
