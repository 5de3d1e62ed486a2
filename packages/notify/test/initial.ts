import type { Command } from "@stellaops/testkit/module";
import { ids, keys } from "./pools.ts";
import { routingSteps } from "./routing/initial.ts";
import type { Pair, Step } from "./steps.ts";
import { workSteps, workThen } from "./work/initial.ts";

const pairs: readonly Pair[] = [0, 1].map((i) => ({ id: ids[i]!, key: keys[i]! }));

/** Something of everything under the ids and keys of the pools, so that later commands find it; the last id and the last keys are free. One unit a tenant. */
export const initial: readonly Command[] = ["acme", "@global"].map((tenant) => {
  const steps: readonly Step[] = [...pairs.flatMap(routingSteps), ...pairs.flatMap(workSteps), ...workThen];
  return { tenant, verb: "transaction", args: steps.map(([verb, ...args]): Command => ({ tenant, verb, args })) };
});
