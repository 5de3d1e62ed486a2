import type { Experiment } from "./experiment.ts";
import { bulk } from "./experiments/bulk.ts";
import { readByKey } from "./experiments/read-by-key.ts";

export const experiments = {
  read: readByKey,
  bulk,
} as const satisfies Readonly<Record<string, Experiment>>;
export type Name = keyof typeof experiments;
