import type { Experiment } from "./experiment.ts";
import { bulk } from "./experiments/bulk.ts";
import { depthExperiment } from "./experiments/depth.ts";
import { memory } from "./experiments/memory.ts";
import { million } from "./experiments/million.ts";
import { readByKey } from "./experiments/read-by-key.ts";

export const experiments = {
  read: readByKey,
  bulk,
  million,
  depth: depthExperiment,
  memory,
} as const satisfies Readonly<Record<string, Experiment>>;
export type Name = keyof typeof experiments;
