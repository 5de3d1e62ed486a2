import type { Scope } from "@stellaops/cutover";
import type { PolicyRepositories } from "../src/index.ts";
import { entry, evaluation, exception, explanation, pack, packVersion, riskProfile } from "./samples.ts";

/** A row in every table, those of children among them. Versions are drafts: what is published refuses every write, whatever the tenant. */
export async function fill(on: Scope<PolicyRepositories>): Promise<void> {
  await on.packs.put(pack(), 0n);
  await on.packVersions.put(packVersion(), 0n);
  await on.riskProfiles.put(riskProfile(), 0n);
  await on.evaluationRuns.start(evaluation());
  await on.explanations.appendBatch([explanation()]);
  await on.exceptions.put(exception(), 0n);
  await on.audit.append([entry()]);
}
