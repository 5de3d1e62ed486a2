import type { Experiment } from "./experiment.ts";
import { atomic } from "./experiments/atomic.ts";
import { backfillUnderFire } from "./experiments/backfill-under-fire.ts";
import { brownOut } from "./experiments/brown-out.ts";
import { churn } from "./experiments/churn.ts";
import { crash } from "./experiments/crash.ts";
import { flips } from "./experiments/flips.ts";
import { hotKeys } from "./experiments/hot-keys.ts";
import { model } from "./experiments/model.ts";
import { retry } from "./experiments/retry.ts";
import { connections } from "./experiments/connections.ts";
import { verifier } from "./experiments/verifier.ts";
import { policies } from "./experiments/policies.ts";
import { tenancy } from "./experiments/tenancy.ts";

/** In the order in which they run. */
export const experiments: Readonly<Record<string, Experiment>> = {
  crash,
  "hot-keys": hotKeys,
  model,
  backfill: backfillUnderFire,
  flips,
  churn,
  "brown-out": brownOut,
  retry,
  connections,
  verifier,
  tenancy,
  policies,
  atomic,
};
