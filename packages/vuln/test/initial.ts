import type { Command } from "@stellaops/testkit/module";
import { ids, keys } from "./pools.ts";
import { advisory, kevFlag, mergeEvent, noon, source, sourceState } from "./samples.ts";

/** The verb, then its arguments. */
type Step = readonly [string, ...unknown[]];
interface Pair {
  readonly id: string;
  readonly key: string;
}

const pairs: readonly Pair[] = [0, 1].map((i) => ({ id: ids[i]!, key: keys[i]! }));
const entries = (contentHash: string) => pairs.map(({ key: advisoryKey }) => ({ advisoryKey, contentHash }));

const each = ({ id, key }: Pair): readonly Step[] => [
  ["sources.put", source({ id, key }), 0n],
  ["sourceStates.put", sourceState({ id, sourceId: id }), 0n],
  ["feedSnapshots.open", { id, sourceId: id, snapshotKey: key, takenAt: noon }],
  ["feedSnapshots.addAdvisories", id, entries(key), noon],
];
const named = ({ id, key }: Pair) =>
  advisory({
    id,
    advisoryKey: key,
    title: `title ${key}`,
    contentHash: "1",
    aliases: [{ scheme: "CVE", value: key }],
  });

/** Something of everything under the ids and keys of the pools, so that later commands find it; the last id and the last keys are free. One unit a tenant. */
export const initial: readonly Command[] = ["acme", "@global"].map((tenant) => {
  const steps: readonly Step[] = [
    ...pairs.flatMap(each),
    ["advisories.ingestBatch", pairs.map(named)],
    ["kevFlags.replaceAll", pairs.map(({ id, key: cve }) => kevFlag({ id, cve }))],
    ["mergeEvents.append", pairs.map(({ id, key }) => mergeEvent({ id, advisoryKey: key, afterHash: key }))],
  ];
  return { tenant, verb: "transaction", args: steps.map(([verb, ...args]): Command => ({ tenant, verb, args })) };
});
