import { must, revisionOf, type LoadContext, type LoadWorker } from "@stellaops/testkit/module";
import { packHash, type PolicyRepositories } from "../../src/index.ts";
import {
  completion,
  entry,
  evaluation,
  exception,
  explanation,
  pack,
  packVersion,
  riskProfile,
  rule,
} from "../samples.ts";
import { codeOfCall } from "./refusals.ts";

type Context = LoadContext<PolicyRepositories>;
type Stored = { readonly id: string; readonly revision: bigint } | null;

/** The only writer of its tenant: every verb of the module, and what each must answer. */
export class Alone implements LoadWorker {
  readonly #context: Context;
  readonly #on: Context["on"];

  constructor(context: Context) {
    this.#context = context;
    this.#on = context.on;
  }

  async round(): Promise<void> {
    await this.#packs();
    await this.#profiles();
    await this.#evaluations();
    await this.#exceptions();
    await this.#audit();
    await this.#unit();
  }

  /** The answer of a verb that gives the aggregate. */
  #told(repository: string, stored: Stored): void {
    if (stored === null) throw new Error(`${repository} gave nothing`);
    this.#context.tell(`${repository}/${stored.id}`, stored.revision);
  }

  async #packs(): Promise<void> {
    const { packs, packVersions } = this.#on;
    const { tell, ids, key, now } = this.#context;
    const [one, gone] = [pack({ id: ids.next(), name: key() }), pack({ id: ids.next(), name: key() })];
    for (const each of [one, gone]) tell(`packs/${each.id}`, await packs.put(each, 0n));
    await packs.delete(gone.id, 1n);
    tell(`packs/${gone.id}`, null);
    const of = { packId: one.id, source: key() };
    const draft = packVersion({ ...of, id: ids.next(), version: "1" });
    const other = packVersion({ ...of, id: ids.next(), version: "2" });
    for (const each of [draft, other]) tell(`packVersions/${each.id}`, await packVersions.put(each, 0n));
    const changed = { ...draft, rules: [rule({ ruleKey: key(), severity: "low" })] };
    tell(`packVersions/${draft.id}`, await packVersions.put(changed, 1n));
    this.#told("packVersions", await packVersions.publish({ id: draft.id, expected: 2n, by: "ada", at: now() }));
    must("a write to what is published", await codeOfCall(packVersions.put(changed, 3n)), "IMMUTABLE");
    must(
      "a second publication",
      await codeOfCall(packVersions.publish({ ...draft, by: "eve", at: now() })),
      "IMMUTABLE",
    );
    this.#told("packVersions", await packVersions.retire({ id: other.id, at: now() }));
    this.#told("packs", await packs.activate({ packId: one.id, version: "1", at: now() }));
    const refused = await codeOfCall(packs.activate({ packId: one.id, version: "2", at: now() }));
    must("use of a retired version", refused, "PACK_NOT_PUBLISHED");
    must("versions", (await packVersions.listByPack(one.id)).items.length, 2);
    await packVersions.delete(other.id, 2n);
    tell(`packVersions/${other.id}`, null);
    must("a pack", (await packs.findByName(one.name))?.activeVersion, "1");
    must("a pack by id", revisionOf(await packs.get(one.id)), 2n);
    must("a version", revisionOf(await packVersions.findByVersion(one.id, "1")), 3n);
    must("a version by id", revisionOf(await packVersions.get(draft.id)), 3n);
    must("by hash", (await packVersions.findByHash(packHash(changed))).items.length, 1);
    for (const repository of [packs, packVersions]) await repository.list({ limit: 5 });
  }

  async #profiles(): Promise<void> {
    const { riskProfiles } = this.#on;
    const { tell, ids, key, now } = this.#context;
    const profileId = key();
    const [one, two, gone] = ["1", "2", "3"].map((version) => riskProfile({ id: ids.next(), profileId, version }));
    if (!one || !two || !gone) throw new Error("no profiles");
    for (const each of [one, two, gone]) tell(`riskProfiles/${each.id}`, await riskProfiles.put(each, 0n));
    await riskProfiles.delete(gone.id, 1n);
    tell(`riskProfiles/${gone.id}`, null);
    this.#told("riskProfiles", await riskProfiles.activate({ profileId, version: "1", at: now() }));
    this.#told("riskProfiles", await riskProfiles.activate({ profileId, version: "2", at: now() }));
    tell(`riskProfiles/${one.id}`, 3n);
    must("in force", (await riskProfiles.findActive(profileId))?.id, two.id);
    must("history", (await riskProfiles.history(profileId)).items.length, 2);
    must("a profile", revisionOf(await riskProfiles.get(one.id)), 3n);
    await riskProfiles.list({ limit: 5 });
  }

  async #evaluations(): Promise<void> {
    const { evaluationRuns, explanations } = this.#on;
    const { tell, ids, key, now } = this.#context;
    const inputs = evaluation({ id: ids.next(), sbomDigest: key(), at: now() });
    const { id: runId } = inputs;
    this.#told("evaluationRuns", await evaluationRuns.start(inputs));
    const of = [1n, 2n, 3n].map((ordinal) => explanation({ id: ids.next(), runId, ordinal }));
    const old = explanation({ id: ids.next(), runId, ordinal: 4n, createdAt: new Date(0) });
    await explanations.appendBatch([...of, old]);
    for (const { id } of of) tell(`explanations/${id}`, 1n);
    // Of noon in March 2026 are the samples: what goes is older than that.
    must("purged", await explanations.purge({ at: new Date(40 * 86_400_000), keepDays: 30, limit: 10 }), 1);
    tell(`explanations/${old.id}`, null);
    this.#told("evaluationRuns", await evaluationRuns.complete(completion(runId, { blocked: 3n, at: now() })));
    must("completed twice", await evaluationRuns.complete(completion(runId)), null);
    must("of these inputs", (await evaluationRuns.listSame(inputs)).items.length, 1);
    must("explained", (await explanations.pageByRun(runId)).items.length, 3);
    must("a run", revisionOf(await evaluationRuns.get(runId)), 2n);
    for (const { id } of of.slice(0, 1)) must("an explanation", revisionOf(await explanations.get(id)), 1n);
    for (const repository of [evaluationRuns, explanations]) await repository.list({ limit: 5 });
  }

  async #exceptions(): Promise<void> {
    const { exceptions } = this.#on;
    const { tell, ids, key, now } = this.#context;
    const vulnerability = key();
    const at = now();
    const holds = { vulnerability, effectiveAt: at, expiresAt: new Date(at.getTime() + 1) };
    const [one, other] = [1, 2].map(() => exception({ id: ids.next(), exceptionId: key(), ...holds }));
    if (!one || !other) throw new Error("no exceptions");
    for (const made of [one, other]) {
      tell(`exceptions/${made.id}`, await exceptions.put(made, 0n));
      this.#told("exceptions", await exceptions.transition({ id: made.id, from: "draft", to: "staged", at }));
      this.#told("exceptions", await exceptions.transition({ id: made.id, from: "staged", to: "active", at }));
    }
    this.#told("exceptions", await exceptions.revoke({ id: other.id, by: "bob", reason: "fixed", at }));
    must("active at the first millisecond", (await exceptions.listActive(at, vulnerability)).items.length, 1);
    must("active at the last", (await exceptions.listActive(holds.expiresAt, vulnerability)).items.length, 0);
    must("expired too early", await exceptions.expireDue(at, 5), []);
    must("expired", await exceptions.expireDue(holds.expiresAt, 5), [one.exceptionId]);
    tell(`exceptions/${one.id}`, 4n);
    must("an exception", (await exceptions.findByExceptionId(other.exceptionId))?.status, "revoked");
    must("an exception by id", revisionOf(await exceptions.get(one.id)), 4n);
    await exceptions.list({ limit: 5 });
  }

  async #audit(): Promise<void> {
    const { audit } = this.#on;
    const { tell, ids, key } = this.#context;
    const [one, old] = [entry({ id: ids.next(), targetId: key() }), entry({ id: ids.next(), occurredAt: new Date(0) })];
    await audit.append([one, old]);
    tell(`audit/${one.id}`, 1n);
    must("purged", await audit.purge({ at: new Date(40 * 86_400_000), keepDays: 30, limit: 10 }), 1);
    tell(`audit/${old.id}`, null);
    must("a trail", (await audit.listByTarget("pack", one.targetId)).items.length, 1);
    must("an entry", revisionOf(await audit.get(one.id)), 1n);
    await audit.list({ limit: 5 });
  }

  /** Several verbs as one unit; told when the whole was acknowledged. */
  async #unit(): Promise<void> {
    const { tell, ids, key, now } = this.#context;
    const one = pack({ id: ids.next(), name: key() });
    const version = packVersion({ id: ids.next(), packId: one.id });
    const used = await this.#on.transaction(async ({ packs, packVersions }) => {
      await packs.put(one, 0n);
      await packVersions.put(version, 0n);
      await packVersions.publish({ id: version.id, by: "ada", at: now() });
      return packs.activate({ packId: one.id, version: version.version, at: now() });
    });
    tell(`packs/${one.id}`, 2n);
    tell(`packVersions/${version.id}`, 2n);
    must("a unit uses what it has published", used?.activeVersion, version.version);
  }
}
