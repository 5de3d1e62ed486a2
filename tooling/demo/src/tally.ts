import { tenantId } from "@stellaops/kernel";
import type { Vuln } from "@stellaops/vuln";
import { readJournal, type Entry } from "./journal.ts";

export interface Tally {
  readonly acknowledged: number;
  readonly lost: readonly string[];
  readonly callsFailed: number;
  readonly failures: readonly string[];
  readonly worstMs: number;
  readonly calls: number;
}

/** The last answer for a key, and whether a delete was asked after it. */
interface Last {
  readonly entry: Outcome;
  readonly deleting: boolean;
}
type Outcome = Extract<Entry, { readonly kind: "stored" | "deleted" }>;

/**
 * Every acknowledged write against what is stored at the end. A key is written by one service only, call after call, so its last
 * acknowledged revision must be there, with its content; a later revision is a write that was stored and whose answer the kill cut off.
 */
export async function tallyOf(journals: readonly string[], vuln: Vuln): Promise<Tally> {
  const last = new Map<string, Last>();
  const lost: string[] = [];
  const failures: string[] = [];
  let [acknowledged, worstMs, calls] = [0, 0, 0];
  for (const path of journals) {
    let told = 0;
    for (const entry of readJournal(path)) {
      if (entry.kind === "stored" || entry.kind === "deleted") {
        acknowledged += 1;
        last.set(`${entry.tenant}/${entry.id}`, { entry, deleting: false });
      } else if (entry.kind === "deleting") {
        const known = last.get(`${entry.tenant}/${entry.id}`);
        if (known !== undefined) last.set(`${entry.tenant}/${entry.id}`, { ...known, deleting: true });
      } else if (entry.kind === "failed") failures.push(`${entry.verb}: ${entry.code} ${entry.message}`);
      else if (entry.kind === "stale")
        lost.push(`${entry.id}: a read gave revision ${entry.got} after ${entry.acknowledged} was acknowledged`);
      else {
        worstMs = Math.max(worstMs, entry.worstMs);
        told = entry.calls;
      }
    }
    calls += told;
  }
  for (const known of last.values()) {
    const fault = await faultOf(known, vuln);
    if (fault !== null) lost.push(`${known.entry.id}: ${fault}`);
  }
  return { acknowledged, lost, callsFailed: failures.length, failures, worstMs, calls };
}

async function faultOf({ entry, deleting }: Last, vuln: Vuln): Promise<string | null> {
  const found = await vuln.tenant(tenantId(entry.tenant)).advisories.get(entry.id);
  const revision = BigInt(entry.revision);
  if (entry.kind === "deleted")
    return found === null || found.revision > revision
      ? null
      : `acknowledged as deleted, and there at ${found.revision}`;
  if (found === null) return deleting ? null : `acknowledged at revision ${revision}, and not there`;
  if (found.revision > revision) return null;
  if (found.revision < revision) return `acknowledged at revision ${revision}, and stored at ${found.revision}`;
  return found.title === entry.title ? null : `stored at revision ${revision} with other content`;
}
