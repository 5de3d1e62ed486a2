import type { ModuleWiring } from "@stellaops/cutover/open";
import { policy } from "./module.ts";
import type { Audit } from "./repositories/audit.ts";
import type { EvaluationRuns } from "./repositories/evaluation-runs.ts";
import type { Exceptions } from "./repositories/exceptions.ts";
import type { Explanations } from "./repositories/explanations.ts";
import type { PackVersions } from "./repositories/pack-versions.ts";
import type { Packs } from "./repositories/packs.ts";
import type { RiskProfiles } from "./repositories/risk-profiles.ts";

export interface PolicyRepositories {
  readonly packs: Packs;
  readonly packVersions: PackVersions;
  readonly riskProfiles: RiskProfiles;
  readonly evaluationRuns: EvaluationRuns;
  readonly explanations: Explanations;
  readonly exceptions: Exceptions;
  readonly audit: Audit;
}

const reading = { get: "read", list: "read" } as const;
const common = { ...reading, put: "write", delete: "write" } as const;

export const wiring: ModuleWiring<PolicyRepositories> = {
  ...policy,
  verbs: {
    packs: { ...common, findByName: "read", activate: "write" },
    packVersions: {
      ...common,
      publish: "write",
      retire: "write",
      findByVersion: "read",
      findByHash: "read",
      listByPack: "read",
    },
    riskProfiles: { ...common, activate: "write", findActive: "read", history: "read" },
    evaluationRuns: { ...reading, start: "write", complete: "write", listSame: "read" },
    explanations: { ...reading, appendBatch: "write", pageByRun: "read", purge: "write" },
    exceptions: {
      ...reading,
      put: "write",
      findByExceptionId: "read",
      transition: "write",
      revoke: "write",
      listActive: "read",
      expireDue: "write",
    },
    audit: { ...reading, append: "write", listByTarget: "read", purge: "write" },
  },
  postgres: () => import("./postgres/index.ts"),
  mongo: () => import("./mongo/index.ts"),
};
