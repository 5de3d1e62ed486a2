import type { Command } from "@stellaops/testkit/module";
import { ids, keys } from "./pools.ts";
import { entry, evaluation, exception, explanation, noon, pack, packVersion, riskProfile } from "./samples.ts";

/** The verb, then its arguments. */
type Step = readonly [string, ...unknown[]];
interface Pair {
  readonly id: string;
  readonly key: string;
}

const pairs: readonly Pair[] = [0, 1].map((i) => ({ id: ids[i]!, key: keys[i]! }));

const each = ({ id, key }: Pair): readonly Step[] => [
  ["packs.put", pack({ id, name: key }), 0n],
  ["packVersions.put", packVersion({ id, packId: id, version: key }), 0n],
  ["riskProfiles.put", riskProfile({ id, profileId: keys[0]!, version: key }), 0n],
  ["evaluationRuns.start", evaluation({ id, sbomDigest: key })],
  ["explanations.appendBatch", [explanation({ id, runId: id })]],
  ["exceptions.put", exception({ id, exceptionId: key, vulnerability: keys[0]! }), 0n],
  ["exceptions.transition", { id, from: "draft", to: "staged", at: noon }],
  ["audit.append", [entry({ id, targetId: key })]],
];
/** One version published, one profile in force, one exception active. */
const then: readonly Step[] = [
  ["packVersions.publish", { id: ids[0], by: "ada", at: noon }],
  ["riskProfiles.activate", { profileId: keys[0], version: keys[0], at: noon }],
  ["exceptions.transition", { id: ids[0], from: "staged", to: "active", at: noon }],
];

/** Something of everything under the ids and keys of the pools, so that later commands find it; the last id and the last keys are free. One unit a tenant. */
export const initial: readonly Command[] = ["acme", "@global"].map((tenant) => {
  const steps: readonly Step[] = [...pairs.flatMap(each), ...then];
  return { tenant, verb: "transaction", args: steps.map(([verb, ...args]): Command => ({ tenant, verb, args })) };
});
