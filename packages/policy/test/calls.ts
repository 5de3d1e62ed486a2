import type { Scope as ScopeOf } from "@stellaops/cutover";
import { callsOf, type Calls } from "@stellaops/testkit/module";
import type { PolicyRepositories } from "../src/index.ts";
import {
  completion,
  entry,
  evaluation,
  exception,
  explanation,
  fresh,
  minute,
  newId,
  noon,
  pack,
  packVersion,
  riskProfile,
  rule,
} from "./samples.ts";

type Scope = ScopeOf<PolicyRepositories>;
const { plain, call } = callsOf<PolicyRepositories>();
const times = <T>(n: number, make: (i: number) => T): readonly T[] => Array.from({ length: n }, (_, i) => make(i));
/** Later than the samples by more than any retention. */
const later = new Date("2026-10-01T00:00:00.000Z");

const storedPack = async ({ packs }: Scope) => {
  const made = pack();
  await packs.put(made, 0n);
  return made;
};
const rules = (n: number) => times(n, (i) => rule({ ruleKey: `rule ${i}`, ordinal: i }));
const draft = async ({ packVersions }: Scope, n: number) => {
  const made = packVersion({ rules: rules(n) });
  await packVersions.put(made, 0n);
  return made;
};
const published = async (scope: Scope, n: number) => {
  const one = await storedPack(scope);
  const made = packVersion({ packId: one.id, rules: rules(n) });
  await scope.packVersions.put(made, 0n);
  await scope.packVersions.publish({ id: made.id, by: "ada", at: noon });
  return made;
};
const profiles = async ({ riskProfiles }: Scope) => {
  const [before, next] = [riskProfile(), riskProfile()];
  const after = { ...next, profileId: before.profileId, version: "2.0.0" };
  await riskProfiles.put(before, 0n);
  await riskProfiles.put(after, 0n);
  await riskProfiles.activate({ profileId: before.profileId, version: before.version, at: noon });
  return after;
};
const started = async ({ evaluationRuns }: Scope) => {
  const made = evaluation();
  await evaluationRuns.start(made);
  return made;
};
const explained = async ({ explanations }: Scope, n: number) => {
  const runId = newId();
  await explanations.appendBatch(times(n, (i) => explanation({ runId, ordinal: BigInt(i) })));
  return runId;
};
const drafted = async ({ exceptions }: Scope) => {
  const made = exception();
  await exceptions.put(made, 0n);
  return made;
};
const active = async ({ exceptions }: Scope, n: number) => {
  for (const { id, ...made } of times(n, () => exception())) {
    await exceptions.put({ id, ...made }, 0n);
    await exceptions.transition({ id, from: "draft", to: "staged", at: noon });
    await exceptions.transition({ id, from: "staged", to: "active", at: noon });
  }
};

/** Every verb once. */
export const calls: Calls<PolicyRepositories> = {
  "packs.get": call(storedPack, ({ packs }, _, { id }) => packs.get(id)),
  "packs.list": call(storedPack, ({ packs }, limit) => packs.list({ limit })),
  "packs.put": call(storedPack, ({ packs }, _, made) => packs.put({ ...made, displayName: "Other" }, 1n)),
  "packs.delete": call(storedPack, ({ packs }, _, { id }) => packs.delete(id, 1n)),
  "packs.findByName": call(storedPack, ({ packs }, _, { name }) => packs.findByName(name)),
  "packs.activate": call(published, ({ packs }, _, { packId, version }) =>
    packs.activate({ packId, version, at: noon }),
  ),
  "packVersions.get": call(draft, ({ packVersions }, _, { id }) => packVersions.get(id)),
  "packVersions.list": call(draft, ({ packVersions }, limit) => packVersions.list({ limit })),
  "packVersions.put": call(draft, ({ packVersions }, n, made) =>
    packVersions.put({ ...made, rules: rules(n + 1) }, 1n),
  ),
  "packVersions.delete": call(draft, ({ packVersions }, _, { id }) => packVersions.delete(id, 1n)),
  "packVersions.publish": call(draft, ({ packVersions }, _, { id }) =>
    packVersions.publish({ id, by: "ada", at: noon }),
  ),
  "packVersions.retire": call(draft, ({ packVersions }, _, { id }) => packVersions.retire({ id, at: noon })),
  "packVersions.findByVersion": call(draft, ({ packVersions }, _, { packId, version }) =>
    packVersions.findByVersion(packId, version),
  ),
  "packVersions.findByHash": call(draft, ({ packVersions }, limit) =>
    packVersions.findByHash("a".repeat(64), { limit }),
  ),
  "packVersions.listByPack": call(draft, ({ packVersions }, limit, { packId }) =>
    packVersions.listByPack(packId, { limit }),
  ),
  "riskProfiles.get": call(profiles, ({ riskProfiles }, _, { id }) => riskProfiles.get(id)),
  "riskProfiles.list": call(profiles, ({ riskProfiles }, limit) => riskProfiles.list({ limit })),
  "riskProfiles.put": call(profiles, ({ riskProfiles }, _, made) => riskProfiles.put({ ...made, weights: {} }, 1n)),
  "riskProfiles.delete": call(profiles, ({ riskProfiles }, _, { id }) => riskProfiles.delete(id, 1n)),
  "riskProfiles.activate": call(profiles, ({ riskProfiles }, _, { profileId, version }) =>
    riskProfiles.activate({ profileId, version, at: minute(1) }),
  ),
  "riskProfiles.findActive": call(profiles, ({ riskProfiles }, _, { profileId }) => riskProfiles.findActive(profileId)),
  "riskProfiles.history": call(profiles, ({ riskProfiles }, limit, { profileId }) =>
    riskProfiles.history(profileId, { limit }),
  ),
  "evaluationRuns.get": call(started, ({ evaluationRuns }, _, { id }) => evaluationRuns.get(id)),
  "evaluationRuns.list": call(started, ({ evaluationRuns }, limit) => evaluationRuns.list({ limit })),
  "evaluationRuns.start": plain(({ evaluationRuns }) => evaluationRuns.start(evaluation())),
  "evaluationRuns.complete": call(started, ({ evaluationRuns }, _, { id }) => evaluationRuns.complete(completion(id))),
  "evaluationRuns.listSame": call(started, ({ evaluationRuns }, limit, made) =>
    evaluationRuns.listSame(made, { limit }),
  ),
  "explanations.get": plain(({ explanations }) => explanations.get(newId())),
  "explanations.list": call(explained, ({ explanations }, limit) => explanations.list({ limit })),
  "explanations.appendBatch": plain(({ explanations }, n) => explanations.appendBatch(times(n, () => explanation()))),
  "explanations.pageByRun": call(explained, ({ explanations }, limit, runId) =>
    explanations.pageByRun(runId, { limit }),
  ),
  "explanations.purge": call(explained, ({ explanations }, limit) =>
    explanations.purge({ at: later, keepDays: 30, limit }),
  ),
  "exceptions.get": call(drafted, ({ exceptions }, _, { id }) => exceptions.get(id)),
  "exceptions.list": call(drafted, ({ exceptions }, limit) => exceptions.list({ limit })),
  "exceptions.put": call(drafted, ({ exceptions }, _, made) => exceptions.put({ ...made, owner: "eve" }, 1n)),
  "exceptions.findByExceptionId": call(drafted, ({ exceptions }, _, { exceptionId }) =>
    exceptions.findByExceptionId(exceptionId),
  ),
  "exceptions.transition": call(drafted, ({ exceptions }, _, { id }) =>
    exceptions.transition({ id, from: "draft", to: "staged", at: noon }),
  ),
  "exceptions.revoke": call(drafted, ({ exceptions }, _, { id }) =>
    exceptions.revoke({ id, by: "bob", reason: "fixed", at: noon }),
  ),
  "exceptions.listActive": call(active, ({ exceptions }, limit) =>
    exceptions.listActive(noon, "CVE-2026-0001", { limit }),
  ),
  "exceptions.expireDue": call(active, ({ exceptions }, limit) => exceptions.expireDue(minute(60), limit)),
  "audit.get": plain(({ audit }) => audit.get(newId())),
  "audit.list": plain(({ audit }, limit) => audit.list({ limit })),
  "audit.append": plain(({ audit }, n) => audit.append(times(n, () => entry()))),
  "audit.listByTarget": plain(({ audit }, limit) => audit.listByTarget("pack", fresh("x"), { limit })),
  "audit.purge": call(
    ({ audit }, n) => audit.append(times(n, () => entry())),
    ({ audit }, limit) => audit.purge({ at: later, keepDays: 30, limit }),
  ),
};
