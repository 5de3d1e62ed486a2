import { MongoPolicyAudit } from "./audit.ts";
import { MongoEvaluationRuns } from "./evaluation-runs.ts";
import { MongoExceptions } from "./exceptions.ts";
import { MongoExplanations } from "./explanations.ts";
import { MongoPackVersions } from "./pack-versions.ts";
import { MongoPacks } from "./packs.ts";
import { MongoRiskProfiles } from "./risk-profiles.ts";

export const repositories = {
  packs: MongoPacks,
  packVersions: MongoPackVersions,
  riskProfiles: MongoRiskProfiles,
  evaluationRuns: MongoEvaluationRuns,
  explanations: MongoExplanations,
  exceptions: MongoExceptions,
  audit: MongoPolicyAudit,
};
