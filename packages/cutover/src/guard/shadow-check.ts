import type { ShadowTable } from "../module/shadow-counts.ts";
import type { Check } from "./evidence.ts";

export interface ShadowCheckOptions {
  readonly module: string;
  /** Of the stay that began with this epoch. */
  readonly epoch: bigint;
  /** Reads that must have agreed. */
  readonly least: number;
}

/** Enough reads were answered alike by both databases since this stay began, and none differently without an explanation. */
export async function shadowCheck(table: ShadowTable, { module, epoch, least }: ShadowCheckOptions): Promise<Check> {
  const counts = await table.totals(epoch);
  const { agreed, lagged, differed, failed } = counts;
  const passed = differed === 0 && agreed >= least;
  return {
    name: "shadow",
    passed,
    saw: `since epoch ${epoch} began, ${agreed} reads agreed (${least} are asked for), ${differed} differed, ${lagged} lagged, ${failed} failed`,
    fix: passed ? null : differed > 0 ? differedFix(module) : fewFix,
    numbers: { epoch: String(epoch), least, ...counts },
  };
}

const differedFix = (module: string): string =>
  `run \`stella-data compare run --module ${module}\` and mend what it finds; a step to the stage beside this one and back begins the count anew`;
const fewFix =
  "let services read for a while, a share of whose reads is compared; where nobody reads, `--min-shadow-reads 0` says that none are expected";
