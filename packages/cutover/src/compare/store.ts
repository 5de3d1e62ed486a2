import { mapError } from "@stellaops/postgres";
import type { Pool } from "pg";
import { findingsOf } from "./comparison.ts";
import { receiptText, verifyReceipt, type Receipt } from "./receipt.ts";

/** Comparisons of a module that are kept; older ones go when a new one comes. */
const kept = 20;

/** What comparisons of a module have left, newest first. Needs `stella_replicator`: findings name rows of all tenants. */
export interface Comparisons {
  save(receipt: Receipt): Promise<void>;
  /** The newest one; null when there is none. @throws `RECEIPT_ALTERED`, `RECEIPT_UNREADABLE` (data) */
  last(): Promise<Receipt | null>;
}

export function comparisonsOf(pool: Pool, module: string): Comparisons {
  const query = async (text: string, values: readonly unknown[]) => {
    try {
      return (await pool.query<{ readonly receipt: string }>(text, [...values])).rows;
    } catch (error) {
      throw mapError(error);
    }
  };
  return {
    async save(receipt) {
      const { comparison, sha256 } = receipt;
      const { finishedAt, epoch, generation } = comparison;
      await query(
        `insert into cutover.comparisons (module, sha256, finished_at, epoch, generation, findings, receipt) values ($1, $2, $3, $4, $5, $6, $7)
 on conflict (module, sha256) do nothing`,
        [module, sha256, finishedAt, epoch, generation, findingsOf(comparison), receiptText(receipt)],
      );
      await query(
        `delete from cutover.comparisons where module = $1 and sha256 not in
 (select sha256 from cutover.comparisons where module = $1 order by finished_at desc, sha256 limit ${kept})`,
        [module],
      );
    },
    async last() {
      const [row] = await query(
        "select receipt from cutover.comparisons where module = $1 order by finished_at desc, sha256 limit 1",
        [module],
      );
      return row === undefined ? null : verifyReceipt(row.receipt);
    },
  };
}
