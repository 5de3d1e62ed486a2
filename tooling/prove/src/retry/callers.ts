import { codeOf, seededIds, systemClock, type IdSource } from "@stellaops/kernel";
import { aSource } from "@stellaops/testkit/source";
import type { Vuln } from "@stellaops/vuln";
import { acme } from "../rig.ts";
import type { Random } from "../random.ts";

const at = new Date("2026-01-01T00:00:00.000Z");
const stamps = { createdAt: at, updatedAt: at };

/** Calls whose effect adds up, so that one too many or too few is seen, by several callers on the same few keys; and what each was told. */
export class Callers {
  readonly #module: Vuln;
  readonly #ids: IdSource;
  readonly #states: readonly { readonly id: string; readonly sourceId: string }[];
  /** Per counter the revisions that calls were answered with: each adds one, so no two are the same and none is left out. */
  readonly #told = new Map<string, bigint[]>();
  readonly #created: string[] = [];
  readonly #appended: string[] = [];
  readonly failures: string[] = [];
  calls = 0;

  constructor(module: Vuln, seed: number, counters = 6) {
    this.#module = module;
    this.#ids = seededIds(systemClock, seed);
    this.#states = Array.from({ length: counters }, () => ({ id: this.#ids.next(), sourceId: this.#ids.next() }));
  }

  async begin(): Promise<void> {
    for (const state of this.#states) {
      this.#told.set(state.sourceId, []);
      const nothing = { cursor: null, lastSuccessAt: null, lastError: null, failures: 0n, backoffUntil: null };
      await this.#scope.sourceStates.put({ ...state, ...nothing, ...stamps }, 0n);
    }
  }

  async call(random: Random): Promise<void> {
    this.calls += 1;
    const kind = random.pick(["count", "count", "unit", "create", "append"] as const);
    try {
      await this.#one(kind, random);
    } catch (error) {
      this.failures.push(`${kind}: ${codeOf(error) ?? ""} ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** One sentence for each effect that is not there exactly once; asked of `direct`, which no fault stands before. */
  async check(direct: Vuln): Promise<readonly string[]> {
    const { sourceStates, sources, mergeEvents } = direct.tenant(acme);
    const broken: string[] = [];
    for (const { sourceId } of this.#states) {
      const told = this.#told.get(sourceId) ?? [];
      const stored = await sourceStates.findBySource(sourceId);
      if (stored?.failures !== BigInt(told.length))
        broken.push(`counter ${sourceId}: ${told.length} calls were answered, and ${stored?.failures} are counted`);
      const expected = new Set(told.map((_, i) => BigInt(i) + 2n));
      const wrong = told.filter((revision) => !expected.delete(revision));
      if (wrong.length > 0) broken.push(`counter ${sourceId}: answered twice or out of range: ${wrong.join(", ")}`);
    }
    for (const id of this.#created)
      if ((await sources.get(id))?.revision !== 1n) broken.push(`source ${id} was created, and is not there once`);
    const events = new Set<string>();
    for (let after: string | undefined; ;) {
      const { items, next } = await mergeEvents.list({ limit: 500, ...(after === undefined ? {} : { after }) });
      for (const { id } of items) events.add(id);
      if (next === null) break;
      after = next;
    }
    for (const id of this.#appended) if (!events.delete(id)) broken.push(`event ${id} was appended, and is not there`);
    if (events.size > 0) broken.push(`${events.size} events are there that no call has appended`);
    return broken;
  }

  get #scope() {
    return this.#module.tenant(acme);
  }

  async #one(kind: "count" | "unit" | "create" | "append", random: Random): Promise<void> {
    const { sourceStates, sources, mergeEvents } = this.#scope;
    const failure = (sourceId: string) => ({ sourceId, error: "counted", backoffUntil: null, at });
    if (kind === "create") {
      const id = this.#ids.next();
      const revision = await sources.put(aSource(id), 0n);
      if (revision !== 1n) throw new Error(`a new source was answered with revision ${revision}`);
      this.#created.push(id);
    } else if (kind === "append") {
      const ids = [this.#ids.next(), this.#ids.next()];
      const event = { advisoryKey: "PROVE", beforeHash: null, afterHash: "1", inputs: [], mergedAt: at, ...stamps };
      await mergeEvents.append(ids.map((id) => ({ id, ...event })));
      this.#appended.push(...ids);
    } else if (kind === "count") {
      const { sourceId } = random.pick(this.#states);
      this.#note(sourceId, (await sourceStates.recordFailure(failure(sourceId)))?.revision);
    } else {
      // In any order, so that two of them deadlock now and then.
      const [one, other] = [random.pick(this.#states).sourceId, random.pick(this.#states).sourceId];
      const answers = await this.#scope.transaction(async (unit) => [
        (await unit.sourceStates.recordFailure(failure(one)))?.revision,
        (await unit.sourceStates.recordFailure(failure(other)))?.revision,
      ]);
      this.#note(one, answers[0]);
      this.#note(other, answers[1]);
    }
  }

  #note(sourceId: string, revision: bigint | undefined): void {
    if (revision === undefined) this.failures.push(`counter ${sourceId} was answered as absent`);
    else this.#told.get(sourceId)?.push(revision);
  }
}
