import { codeOf, systemClock, uuidV7 } from "@stellaops/kernel";
import type { Advisory, VulnRepositories } from "@stellaops/vuln";

type Scope = Pick<VulnRepositories, "advisories" | "sources">;

/** What a feed is written to, under the source of a key. */
export interface FeedSink {
  readonly sourceId: string;
  readonly ingestBatch: VulnRepositories["advisories"]["ingestBatch"];
}

/**
 * A source that is not there is made with the first batch, so that a feed that cannot be read leaves nothing behind. Two imports that
 * make it at once get the same one.
 */
export async function feedSink({ advisories, sources }: Scope, key: string): Promise<FeedSink> {
  const found = await sources.findByKey(key);
  const sourceId = found?.id ?? uuidV7(systemClock).next();
  let made = found === null ? null : Promise.resolve(sourceId);
  return {
    sourceId,
    async ingestBatch(batch: readonly Advisory[]) {
      const id = await (made ??= makeSource(sources, key, sourceId));
      return advisories.ingestBatch(id === sourceId ? batch : batch.map((advisory) => ({ ...advisory, sourceId: id })));
    },
  };
}

async function makeSource(sources: Scope["sources"], key: string, id: string): Promise<string> {
  const now = systemClock.now();
  const source = { id, key, name: key, kind: "osv", url: null, priority: 100, enabled: true, config: {} };
  try {
    await sources.put({ ...source, createdAt: now, updatedAt: now }, 0n);
    return id;
  } catch (error) {
    if (codeOf(error) !== "UNIQUE_VIOLATION") throw error;
    return (await sources.findByKey(key))?.id ?? id;
  }
}
