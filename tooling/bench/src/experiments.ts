import type { Experiment } from "./experiment.ts";
import { append } from "./experiments/append.ts";
import { backfill } from "./experiments/backfill.ts";
import { bulk } from "./experiments/bulk.ts";
import { claims } from "./experiments/claims.ts";
import { commit } from "./experiments/commit.ts";
import { compareExperiment } from "./experiments/compare.ts";
import { depthExperiment } from "./experiments/depth.ts";
import { memory } from "./experiments/memory.ts";
import { million } from "./experiments/million.ts";
import { oldSnapshot } from "./experiments/old-snapshot.ts";
import { readByKey } from "./experiments/read-by-key.ts";
import { shadowReads } from "./experiments/shadow.ts";
import { switchExperiment } from "./experiments/switch.ts";
import { writes } from "./experiments/writes.ts";

export const experiments = {
  read: readByKey,
  bulk,
  million,
  depth: depthExperiment,
  memory,
  backfill,
  compare: compareExperiment,
  writes,
  shadow: shadowReads,
  switch: switchExperiment,
  claims,
  "old-snapshot": oldSnapshot,
  append,
  commit,
} as const satisfies Readonly<Record<string, Experiment>>;
export type Name = keyof typeof experiments;
