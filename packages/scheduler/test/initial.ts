import type { Command } from "@stellaops/testkit/module";
import { ids, keys } from "./pools.ts";
import {
  acquiring,
  arming,
  claim,
  entry,
  graphJob,
  impact,
  line,
  minute,
  noon,
  policyJob,
  registration,
  schedule,
  start,
} from "./samples.ts";

/** The verb, then its arguments. */
type Step = readonly [string, ...unknown[]];
interface Pair {
  readonly id: string;
  readonly key: string;
}

const pairs: readonly Pair[] = [0, 1].map((i) => ({ id: ids[i]!, key: keys[i]! }));

const each = ({ id, key }: Pair): readonly Step[] => [
  ["schedules.put", schedule({ id, name: key }), 0n],
  ["triggers.arm", arming({ id, scheduleId: id })],
  ["runs.start", start({ id, scheduleId: id })],
  ["graphJobs.insert", graphJob({ id })],
  ["policyJobs.enqueue", policyJob({ id, runId: id })],
  ["impactSnapshots.putForRun", impact({ id, runId: id, imageDigests: keys })],
  ["workers.register", registration({ id, workerId: key })],
  ["executionLogs.append", [line({ id, runId: id })]],
  ["locks.acquire", acquiring({ id, key })],
  ["audit.append", [entry({ id, targetId: key })]],
];
/** What is claimed by the first holder, and a run that has ended. */
const then: readonly Step[] = [
  ["triggers.claimDue", claim({ limit: 1, holder: keys[0]!, claimId: ids[0]! })],
  ["graphJobs.claim", claim({ limit: 1, holder: keys[0]!, claimId: ids[0]! })],
  ["policyJobs.claim", claim({ limit: 1, holder: keys[0]!, claimId: ids[0]! })],
  ["runs.transition", { id: ids[0], from: "planning", to: "failed", at: minute(1) }],
  ["runSummaries.project", ids[0], noon],
];

/** Something of everything under the ids and keys of the pools, so that later commands find it; the last id and the last keys are free. One unit a tenant. */
export const initial: readonly Command[] = ["acme", "@global"].map((tenant) => {
  const steps: readonly Step[] = [...pairs.flatMap(each), ...then];
  return { tenant, verb: "transaction", args: steps.map(([verb, ...args]): Command => ({ tenant, verb, args })) };
});
