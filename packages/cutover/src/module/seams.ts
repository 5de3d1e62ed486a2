import type { Faults } from "../faults.ts";
import type { Replicas } from "../replication/pair.ts";
import type { Sides } from "../side.ts";
import type { StageSource } from "../source.ts";
import type { Database } from "../stages.ts";
import type { Backend } from "./backend.ts";

/**
 * Where tests and proofs get between the parts of a live module: to end the process at a point, to count, or to break one part on purpose
 * and see that it is told. A service sets none of it.
 */
export interface Seams {
  readonly faults?: Faults;
  sides?(sides: Sides): Sides;
  replicas?(replicas: Replicas): Replicas;
  stage?(stage: StageSource): StageSource;
  backends?(backends: Backends): Backends;
}

export type Backends = { readonly [D in Database]: Backend };
