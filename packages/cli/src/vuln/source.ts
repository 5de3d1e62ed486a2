import { codeOf, systemClock, uuidV7 } from "@stellaops/kernel";
import type { VulnRepositories } from "@stellaops/vuln";

const ids = uuidV7(systemClock);

/** The source of that key, made where there is none yet. Two that make it at once get the same one. */
export async function sourceOf(sources: VulnRepositories["sources"], key: string): Promise<string> {
  const found = await sources.findByKey(key);
  if (found !== null) return found.id;
  const now = systemClock.now();
  const made = { id: ids.next(), key, name: key, kind: "osv", url: null, priority: 100, enabled: true, config: {} };
  try {
    await sources.put({ ...made, createdAt: now, updatedAt: now }, 0n);
    return made.id;
  } catch (error) {
    if (codeOf(error) !== "UNIQUE_VIOLATION") throw error;
    return (await sources.findByKey(key))?.id ?? made.id;
  }
}
