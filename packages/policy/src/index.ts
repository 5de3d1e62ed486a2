import { openModule, type OpenModule, type OpenOptions } from "@stellaops/cutover/open";
import { wiring, type PolicyRepositories } from "./wiring.ts";

export type Policy = OpenModule<PolicyRepositories>;

/**
 * Opens the policy module on the database that its stage says.
 *
 * ```ts
 * const policy = await openPolicy({ postgres: openPostgres({ url }), stage: "postgres" });
 * const { packs, packVersions } = policy.tenant("acme");
 * await packVersions.publish({ id, by: "ada", at });
 * await packs.activate({ packId, version: "1.2.0", at });
 * ```
 */
export const openPolicy = (options: OpenOptions): Promise<Policy> => openModule(wiring, options);

export {
  runStates,
  severities,
  type AuditEntry,
  type EvaluationRun,
  type Explanation,
  type Pack,
  type PackVersion,
  type PolicyException,
  type RiskProfile,
} from "./aggregates.ts";
export { exceptionStatuses, type ExceptionStatus } from "./domain/exception-states.ts";
export { determinismHash, packHash, profileHash, type EvaluationInputs } from "./domain/hashes.ts";
export { policy } from "./module.ts";
export type { Audit } from "./repositories/audit.ts";
export type { Completion, EvaluationRuns, EvaluationStart } from "./repositories/evaluation-runs.ts";
export type { ExceptionRevocation, Exceptions, ExceptionTransition } from "./repositories/exceptions.ts";
export type { Explanations } from "./repositories/explanations.ts";
export type { PackVersions, Publication, Retirement } from "./repositories/pack-versions.ts";
export type { Activation, Packs } from "./repositories/packs.ts";
export type { ProfileActivation, RiskProfiles } from "./repositories/risk-profiles.ts";
export { wiring, type PolicyRepositories } from "./wiring.ts";
