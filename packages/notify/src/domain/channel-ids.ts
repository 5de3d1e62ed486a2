import { dataError, isId, type Aggregate } from "@stellaops/kernel";

/** Ids in a set of texts. @throws `VALUE_ID` (data) */
export function refuseNoIds({ one }: Aggregate, channelIds: readonly string[]): void {
  const wrong = channelIds.findIndex((id) => !isId(id));
  if (wrong < 0) return;
  const path = `channelIds.${wrong}`;
  throw dataError("VALUE_ID", `${one}: ${path} is no UUID in lower case`, { details: { path } });
}
