import { PostgresPolicyAudit } from "./audit.ts";
import { PostgresEvaluationRuns } from "./evaluation-runs.ts";
import { PostgresExceptions } from "./exceptions.ts";
import { PostgresExplanations } from "./explanations.ts";
import { PostgresPackVersions } from "./pack-versions.ts";
import { PostgresPacks } from "./packs.ts";
import { PostgresRiskProfiles } from "./risk-profiles.ts";

export const repositories = {
  packs: PostgresPacks,
  packVersions: PostgresPackVersions,
  riskProfiles: PostgresRiskProfiles,
  evaluationRuns: PostgresEvaluationRuns,
  explanations: PostgresExplanations,
  exceptions: PostgresExceptions,
  audit: PostgresPolicyAudit,
};
