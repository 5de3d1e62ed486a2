import type { Logger, ModuleDefinition } from "@stellaops/kernel";
import type { Pool } from "pg";
import type { Faults } from "../faults.ts";
import { Applier } from "../replication/applier.ts";
import type { Replicas } from "../replication/pair.ts";
import { startPurger } from "../replication/purge.ts";
import { startReplicator, type Replicator } from "../replication/replicator.ts";
import { workLease } from "../replication/work-lease.ts";
import type { Sides } from "../side.ts";
import type { StageSource } from "../source.ts";
import type { Closing } from "./closing.ts";

export interface LiveParts {
  readonly module: ModuleDefinition;
  readonly sides: Sides;
  readonly replicas: Replicas;
  readonly stage: StageSource;
  readonly instance: string;
  /** Of the machinery's own connections. */
  readonly pool: Pool;
  /** Gets each attempt that failed. */
  readonly onFailure: (error: unknown) => void;
  readonly faults: Faults;
  readonly logger: Logger;
}

export interface LiveWorkers {
  readonly applier: Applier;
  readonly replicator: Replicator;
}

/** What runs in every process that has a live module open: keys are applied, what was left behind is drained, old tombstones go. */
export function startWorkers({ pool, instance, ...parts }: LiveParts, closing: Closing): LiveWorkers {
  const leaseFor = (work: string) => workLease(pool, { module: parts.module.name, work, holder: instance });
  const replicator = startReplicator({ ...parts, lease: leaseFor("replicate") });
  closing.add(() => replicator.close());
  const applier = new Applier(parts);
  closing.add(() => applier.close());
  const purger = startPurger({ ...parts, lease: leaseFor("purge") });
  closing.add(() => purger.close());
  return { applier, replicator };
}
