import type { Contract } from "@stellaops/testkit/module";
import type { PolicyRepositories } from "../../src/index.ts";
import { auditContracts } from "./audit.ts";
import { evaluationRunsContract } from "./evaluation-runs.ts";
import { exceptionsContract } from "./exceptions.ts";
import { explanationsContract } from "./explanations.ts";
import { packVersionsContract } from "./pack-versions.ts";
import { packsContract } from "./packs.ts";
import { riskProfilesContract } from "./risk-profiles.ts";

/** What every repository of the module does, on both databases alike. */
export const contracts: readonly Contract<PolicyRepositories>[] = [
  packsContract,
  packVersionsContract,
  riskProfilesContract,
  evaluationRunsContract,
  explanationsContract,
  exceptionsContract,
  auditContracts,
];
