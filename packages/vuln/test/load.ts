import type { Scope } from "@stellaops/cutover";
import { must, revisionOf, type LoadContext, type LoadWorker, type ModuleLoad } from "@stellaops/testkit/module";
import { generateOsv, mapOsv, wiring, type Advisory, type KevFlag, type VulnRepositories } from "../src/index.ts";
import { kevFlag, mergeEvent, source, sourceState } from "./samples.ts";

class Worker implements LoadWorker {
  readonly #on: Scope<VulnRepositories>;
  readonly #tell: LoadContext<VulnRepositories>["tell"];
  readonly #context: LoadContext<VulnRepositories>;
  readonly #records: Iterator<unknown>;
  #kev: readonly KevFlag[] = [];

  constructor(context: LoadContext<VulnRepositories>) {
    this.#context = context;
    this.#on = context.on;
    this.#tell = (key, revision) => context.tell(key, revision);
    this.#records = generateOsv({ count: 100_000, seed: context.seed });
  }

  async round(turn: number): Promise<void> {
    await this.#sources();
    await this.#snapshots();
    await this.#advisories(turn);
    await this.#kevFlags();
    await this.#mergeEvents();
    await this.#unit();
  }

  /** Several verbs as one unit; told when the whole was acknowledged. */
  async #unit(): Promise<void> {
    const [feed, one] = [source({ id: this.#context.ids.next(), key: this.#context.key() }), this.#advisory()];
    const read = await this.#on.transaction(async ({ sources, advisories }) => {
      await sources.put(feed, 0n);
      await advisories.put(one, 0n);
      await advisories.put({ ...one, title: "in one unit" }, 1n);
      return revisionOf(await advisories.get(one.id));
    });
    this.#tell(`sources/${feed.id}`, 1n);
    this.#tell(`advisories/${one.id}`, 2n);
    must("a unit reads its own write", read, 2n);
  }

  async #sources(): Promise<void> {
    const { sources, sourceStates } = this.#on;
    const [kept, gone] = [this.#context.key(), this.#context.key()].map((key) =>
      source({ id: this.#context.ids.next(), key }),
    );
    if (kept === undefined || gone === undefined) throw new Error("no sources");
    for (const one of [kept, gone]) this.#tell(`sources/${one.id}`, await sources.put(one, 0n));
    this.#tell(`sources/${kept.id}`, await sources.put({ ...kept, name: "renamed" }, 1n));
    await sources.delete(gone.id, 1n);
    this.#tell(`sources/${gone.id}`, null);
    must("a deleted source", await sources.get(gone.id), null);
    must("a renamed source", (await sources.findByKey(kept.key))?.name, "renamed");
    // The same id comes back above its tombstone.
    this.#tell(`sources/${gone.id}`, await sources.put(gone, 0n));
    must("a source created again", revisionOf(await sources.get(gone.id)), 3n);
    await sources.list({ limit: 5 });
    await sources.listEnabled({ limit: 5 });

    const [state, brief] = [kept, gone].map((one) => sourceState({ id: this.#context.ids.next(), sourceId: one.id }));
    if (state === undefined || brief === undefined) throw new Error("no states");
    const { sourceId } = state;
    const at = this.#context.now();
    for (const one of [state, brief]) this.#tell(`sourceStates/${one.id}`, await sourceStates.put(one, 0n));
    await sourceStates.delete(brief.id, 1n);
    this.#tell(`sourceStates/${brief.id}`, null);
    const failed = await sourceStates.recordFailure({ sourceId, error: "timeout", backoffUntil: at, at });
    this.#tell(`sourceStates/${state.id}`, revisionOf(failed));
    const advanced = await sourceStates.advanceCursor({ sourceId, expected: 2n, cursor: { at: 1 }, at });
    this.#tell(`sourceStates/${state.id}`, revisionOf(advanced));
    must(
      "a cursor that has moved on",
      await sourceStates.advanceCursor({ sourceId, expected: 2n, cursor: 2, at }),
      null,
    );
    must("the state of a source", revisionOf(await sourceStates.findBySource(sourceId)), 3n);
    must("a state", revisionOf(await sourceStates.get(state.id)), 3n);
    await sourceStates.list({ limit: 5 });
  }

  async #snapshots(): Promise<void> {
    const { feedSnapshots } = this.#on;
    const [sourceId, takenAt] = [this.#context.ids.next(), this.#context.now()];
    const [a, b] = ["a", "b"].map((snapshotKey) => ({ id: this.#context.ids.next(), sourceId, snapshotKey, takenAt }));
    if (a === undefined || b === undefined) throw new Error("no snapshots");
    for (const opening of [a, b]) {
      this.#tell(`feedSnapshots/${opening.id}`, await feedSnapshots.open(opening));
      const entries = [{ advisoryKey: `only in ${opening.snapshotKey}`, contentHash: "1" }];
      this.#tell(`feedSnapshots/${opening.id}`, await feedSnapshots.addAdvisories(opening.id, entries, takenAt));
    }
    const sealed = await feedSnapshots.seal(a.id, takenAt);
    this.#tell(`feedSnapshots/${a.id}`, sealed.revision);
    must("what differs", (await feedSnapshots.diff(a.id, b.id)).items.length, 2);
    must("a snapshot", revisionOf(await feedSnapshots.get(a.id)), sealed.revision);
    await feedSnapshots.list({ limit: 5 });
  }

  async #advisories(turn: number): Promise<void> {
    const { advisories } = this.#on;
    const batch = Array.from({ length: 8 }, () => this.#advisory());
    must("new ones", await advisories.ingestBatch(batch), { inserted: 8, updated: 0, unchanged: 0 });
    for (const { id } of batch) this.#tell(`advisories/${id}`, 1n);
    const changed = batch.map((one, i) => (i < 4 ? { ...one, contentHash: "changed", title: `turn ${turn}` } : one));
    must("changed ones", await advisories.ingestBatch(changed), { inserted: 0, updated: 4, unchanged: 4 });
    for (const { id } of batch.slice(0, 4)) this.#tell(`advisories/${id}`, 2n);
    const [first, second, third, fourth] = batch;
    if (first === undefined || second === undefined || third === undefined || fourth === undefined)
      throw new Error("no advisories");
    must("a withdrawal", await advisories.withdraw(first.advisoryKey, this.#context.now()), true);
    this.#tell(`advisories/${first.id}`, 3n);
    await advisories.delete(second.id, 2n);
    this.#tell(`advisories/${second.id}`, null);
    // Its key passes to a new advisory, and those of two others change places.
    const heir = { ...this.#advisory(), advisoryKey: second.advisoryKey };
    this.#tell(`advisories/${heir.id}`, await advisories.put(heir, 0n));
    this.#tell(`advisories/${third.id}`, await advisories.put({ ...third, advisoryKey: this.#context.key() }, 2n));
    this.#tell(`advisories/${fourth.id}`, await advisories.put({ ...fourth, advisoryKey: third.advisoryKey }, 2n));
    this.#tell(`advisories/${third.id}`, await advisories.put({ ...third, advisoryKey: fourth.advisoryKey }, 3n));
    must("who has the key now", (await advisories.findByKey(third.advisoryKey))?.id, fourth.id);
    must("an advisory", revisionOf(await advisories.get(third.id)), 4n);
    for (const alias of first.aliases.slice(0, 1))
      await advisories.findByAlias(alias.scheme, alias.value, { limit: 5 });
    for (const { ecosystem, package: name } of first.affected.slice(0, 1))
      await advisories.findByPackage({ ecosystem, package: name }, { limit: 5 });
    await advisories.search(first.title.split(" ")[0] ?? "", { limit: 5 });
    await advisories.listModifiedSince(new Date("2020-01-01"), { limit: 5 });
    await advisories.list({ limit: 5 });
    await advisories.count();
  }

  async #kevFlags(): Promise<void> {
    const { kevFlags } = this.#on;
    const fresh = [1, 2].map(() => kevFlag({ id: this.#context.ids.next(), cve: this.#context.key() }));
    const next = [...this.#kev.slice(-2), ...fresh];
    await kevFlags.replaceAll(next);
    for (const { id } of this.#kev.slice(0, -2)) this.#tell(`kevFlags/${id}`, null);
    for (const { id } of fresh) this.#tell(`kevFlags/${id}`, 1n);
    this.#kev = next;
    must(
      "exploited ones",
      await kevFlags.isKnownExploited(next.map(({ cve }) => cve)),
      next.map(({ cve }) => cve).toSorted(),
    );
    must("all flags", (await kevFlags.list({ limit: 200 })).items.length, next.length);
    for (const { id } of fresh.slice(0, 1)) must("a flag", revisionOf(await kevFlags.get(id)), 1n);
  }

  async #mergeEvents(): Promise<void> {
    const { mergeEvents } = this.#on;
    const advisoryKey = this.#context.key();
    const events = [1, 2, 3].map(() => mergeEvent({ id: this.#context.ids.next(), advisoryKey }));
    await mergeEvents.append(events);
    for (const { id } of events) this.#tell(`mergeEvents/${id}`, 1n);
    must("events", (await mergeEvents.listByAdvisory(advisoryKey)).items.length, 3);
    await mergeEvents.list({ limit: 5 });
    for (const { id } of events.slice(0, 1)) must("an event", revisionOf(await mergeEvents.get(id)), 1n);
  }

  #advisory(): Advisory {
    const now = this.#context.now();
    const draft = mapOsv(this.#records.next().value);
    const ids = { id: this.#context.ids.next(), sourceId: this.#context.ids.next() };
    return { ...draft, ...ids, withdrawnAt: null, advisoryKey: this.#context.key(), createdAt: now, updatedAt: now };
  }
}

/** Every verb of the module, round after round. */
export const load: ModuleLoad<VulnRepositories> = { wiring, worker: (context) => new Worker(context) };
