import type { Logger } from "@stellaops/kernel";
import type { Replicas } from "../replication/pair.ts";
import type { StageSource } from "../source.ts";
import type { ShadowTables } from "./shadow-counts.ts";
import { ShadowLedger } from "./shadow-ledger.ts";
import { Shadow, type ShadowBudget } from "./shadow.ts";

interface ShadowParts {
  readonly tables: ShadowTables;
  readonly replicas: Replicas;
  readonly stage: StageSource;
  readonly instance: string;
  readonly logger: Logger;
  readonly budget: ShadowBudget | undefined;
}

export interface OpenShadow {
  readonly ledger: ShadowLedger;
  readonly sample: Shadow["sample"];
  close(): Promise<void>;
}

/** Shadow reads of a live module, and the ledger that tells the guards of them. */
export function shadowOf({ tables, replicas, stage, instance, logger, budget }: ShadowParts): OpenShadow {
  const ledger = new ShadowLedger({ tables, instance, logger });
  const shadow = new Shadow({
    ...(budget === undefined ? {} : { budget }),
    stage,
    behind: async (database) => {
      const { pending, parked } = await replicas[database].backlog();
      return pending + parked > 0;
    },
    onOutcome: (view, outcome) => ledger.count(view, outcome),
    logger,
  });
  return {
    ledger,
    sample: (view, ask, answer) => shadow.sample(view, ask, answer),
    async close() {
      await shadow.close();
      await ledger.close();
    },
  };
}
