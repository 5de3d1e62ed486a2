import { seededIds, systemClock } from "@stellaops/kernel";
import { generateOsv, mapOsv, type Advisory } from "@stellaops/vuln";

const ids = seededIds(systemClock, 11);
const sourceId = ids.next();

/** Made-up advisories with children, the same for the same count and seed but for their ids. */
export function* advisoriesOf(count: number, seed: number): Generator<Advisory> {
  for (const record of generateOsv({ count, seed })) {
    const now = systemClock.now();
    yield { ...mapOsv(record), id: ids.next(), sourceId, createdAt: now, updatedAt: now };
  }
}
