import type { Both } from "./comparison.ts";
import { recheck, type Recheck, type RecheckOptions } from "./recheck.ts";
import type { Look } from "./judge.ts";
import type { RawSide, ScanOptions } from "./record.ts";

/**
 * Keys that a register has as live and of which neither database has the row: lost on both, which no scan of rows can meet.
 * Keys that one of them still has are met by the scan.
 */
export async function* lostOnBoth(
  options: RecheckOptions & ScanOptions & { readonly both: Both<RawSide> },
): AsyncGenerator<Recheck> {
  const { both, primary } = options;
  const gone = ({ after, secondary }: Look): boolean => after.record === null && secondary.record === null;
  const liveOnMongo = ({ after, secondary }: Look): boolean =>
    (primary === "mongo" ? after : secondary).register?.deleted === false;
  for await (const keys of both.mongo.orphans(options)) yield recheck(options, keys, gone);
  for await (const keys of both.postgres.orphans(options))
    yield recheck(options, keys, (look) => gone(look) && !liveOnMongo(look));
}
