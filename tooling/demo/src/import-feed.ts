import { seededIds, systemClock } from "@stellaops/kernel";
import type { Mongo } from "@stellaops/mongo";
import { generateOsv, importOsv, openVuln } from "@stellaops/vuln";
import type { DemoOptions } from "./options.ts";
import { bar, type Screen } from "./screen.ts";

/** Into MongoDB alone, as a service did before there was a stage record; how many advisories were written. */
export async function importFeed(
  { feed, documents }: DemoOptions,
  mongo: Mongo,
  { line, running }: Screen,
): Promise<number> {
  const module = await openVuln({ mongo, stage: "mongo" });
  const { advisories } = module.shared();
  const ids = seededIds(systemClock, 7);
  const counts = await importOsv({
    ...(feed === null ? { records: generateOsv({ count: documents, seed: 1 }) } : { path: feed }),
    advisories,
    sourceId: ids.next(),
    clock: systemClock,
    ids,
    onProgress: ({ read, bytes, totalBytes }) =>
      running(`import      ${read} ${feed === null ? bar(read, documents) : bar(bytes, totalBytes)}`),
    onRefused: ({ source, line: at, code, path, reason }) =>
      line(`  refused   ${source}:${at} ${code} ${path ?? ""} ${reason}`),
  });
  await module.close();
  line(`import      ${counts.inserted} advisories into MongoDB, ${counts.refused} refused`);
  return counts.inserted;
}
