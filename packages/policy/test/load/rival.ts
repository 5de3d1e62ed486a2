import { must, type LoadContext, type LoadWorker } from "@stellaops/testkit/module";
import type { PolicyRepositories } from "../../src/index.ts";
import { completion, evaluation, exception, pack, packVersion, riskProfile } from "../samples.ts";
import { codeOfCall, orNull } from "./refusals.ts";

type Context = LoadContext<PolicyRepositories>;

/** All who come within a stretch of time meet on the same things. */
interface Slot {
  readonly id: string;
  readonly name: string;
}

/** What many processes do to the same pack, profile, evaluation and exceptions at the same time; each winning is told. */
export class Rival implements LoadWorker {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  async round(turn: number): Promise<void> {
    const slot = Math.floor(this.#context.now().getTime() / 400);
    const met: Slot = { id: `01890000-0000-7000-8000-${slot.toString(16).padStart(12, "0")}`, name: `slot ${slot}` };
    await this.#publish(met);
    await this.#activate(met, turn);
    await this.#complete(met);
    await this.#expire(met);
  }

  async #publish({ id, name }: Slot): Promise<void> {
    const { on, once, now, seed } = this.#context;
    await orNull(on.packs.put(pack({ id, name }), 0n), "REVISION_CONFLICT");
    const draft = packVersion({ id, packId: id, version: name });
    await orNull(on.packVersions.put(draft, 0n), "REVISION_CONFLICT");
    const published = await orNull(on.packVersions.publish({ id, by: `rival ${seed}`, at: now() }), "IMMUTABLE");
    if (published !== null) once(`publication of ${name}`);
    must("a write to what is published", await codeOfCall(on.packVersions.put(draft, 2n)), "IMMUTABLE");
    must("its deletion", await codeOfCall(on.packVersions.delete(id, 2n)), "IMMUTABLE");
    const used = await on.packs.activate({ packId: id, version: name, at: now() });
    must("a version in use", used?.activeVersion, name);
  }

  async #activate({ name }: Slot, turn: number): Promise<void> {
    const { on, ids, now, seed } = this.#context;
    const version = `${seed}/${turn}`;
    await on.riskProfiles.put(riskProfile({ id: ids.next(), profileId: name, version }), 0n);
    const active = await on.riskProfiles.activate({ profileId: name, version, at: now() });
    must("a version in force", active?.isActive, true);
    // One unit, so that what it reads is of one instant.
    const inForce = await on.transaction(async ({ riskProfiles }) => {
      const { items } = await riskProfiles.history(name, { limit: 1_000 });
      return items.filter(({ isActive }) => isActive).length;
    });
    must(`versions of ${name} in force`, inForce, 1);
  }

  async #complete({ id, name }: Slot): Promise<void> {
    const { on, once, now } = this.#context;
    await orNull(on.evaluationRuns.start(evaluation({ id, sbomDigest: name, at: now() })), "REVISION_CONFLICT");
    const done = await on.evaluationRuns.complete(completion(id, { at: now() }));
    if (done !== null) once(`completion of ${name}`);
  }

  async #expire({ id, name }: Slot): Promise<void> {
    const { on, once, now } = this.#context;
    const over = { effectiveAt: new Date(0), expiresAt: new Date(1) };
    await orNull(on.exceptions.put(exception({ id, exceptionId: name, ...over }), 0n), "REVISION_CONFLICT");
    for (const [from, to] of [["draft", "staged"] as const, ["staged", "active"] as const])
      if ((await on.exceptions.transition({ id, from, to, at: now() })) !== null) once(`${to}: ${name}`);
    for (const expired of await on.exceptions.expireDue(now(), 5)) once(`expiry of ${expired}`);
  }
}
