import {
  catchUpOn,
  coverLoss,
  findingsOf,
  guardOf,
  lossMark,
  mongoShadow,
  postgresShadow,
  rescan,
  situationOf,
  type Check,
  type Comparison,
} from "@stellaops/cutover";
import { codeOf } from "@stellaops/kernel";
import { vuln } from "@stellaops/vuln";
import type { Rig } from "../rig.ts";

/** Asks whether the module may go on to `shadow`; the last check is the one that refused, if any did. */
export async function asked({ sides, replicas, progress, postgres, mongo, compare }: Rig): Promise<readonly Check[]> {
  const checks: Check[] = [];
  const guard = guardOf({
    module: vuln.name,
    replicas,
    progress,
    mongo: mongo.db,
    shadows: { postgres: postgresShadow(postgres.pool, vuln.name), mongo: mongoShadow(mongo.db) },
    compare,
    migrations: () => Promise.resolve(),
    confirm: () => Promise.resolve(true),
    patienceMs: 60_000,
    onCheck: (check) => void checks.push(check),
  });
  const { at } = await situationOf(sides);
  await guard(at, "shadow").catch((error: unknown) => {
    if (codeOf(error) !== "STAGE_GUARD") throw error;
  });
  return checks;
}

/** Refused because writes of other programs may have been missed. */
export const tellsLoss = (checks: readonly Check[]): boolean =>
  checks.some(({ name, passed, numbers }) => name === "capture" && !passed && numbers["loss"] !== null);

/** Comparisons at most. */
const rounds = 5;

export interface Judged {
  readonly comparison: Comparison;
  /** Documents and keys that the rescan brought into the register, and that comparisons found after it. */
  readonly recovered: number;
  readonly broken: readonly string[];
}

/**
 * What an operator does at the end: a full comparison; before it, where the guard tells of a loss, a rescan, and after it a catch-up on what
 * it found, until it finds nothing. Only what was written while nobody captured (`missed`) may need that.
 */
export async function judged(rig: Rig, missed: ReadonlySet<string>, drain: () => Promise<void>): Promise<Judged> {
  const options = { module: vuln, mongo: rig.mongo, view: rig.view };
  const broken: string[] = [];
  let recovered = 0;
  const lossTold = tellsLoss(await asked(rig));
  if (lossTold) {
    const { stamped, deleted } = await rescan(options);
    recovered = stamped + deleted;
    if (recovered > missed.size) broken.push(`a rescan recovered ${recovered} keys, and ${missed.size} were missed`);
    if (!tellsLoss(await asked(rig))) broken.push("the guard is satisfied with a rescan that no comparison followed");
  }
  for (let round = 1; ; round += 1) {
    await drain();
    const mark = await lossMark(rig.mongo.db);
    const comparison = await rig.compare();
    const found = findingsOf(comparison);
    const findings = comparison.aggregates.flatMap((one) => one.findings);
    if (found === 0) await coverLoss(rig.mongo.db, mark);
    const toRecover = lossTold && found > 0 && findings.every(({ id }) => id !== null && missed.has(id));
    if (toRecover && round < rounds) {
      recovered += await catchUpOn(options, findings);
      continue;
    }
    const refused = (await asked(rig)).find(({ passed }) => !passed);
    if (found === 0 && refused !== undefined)
      broken.push(`the guard refuses at the end: ${refused.name}: ${refused.saw}`);
    return { comparison, recovered, broken };
  }
}
