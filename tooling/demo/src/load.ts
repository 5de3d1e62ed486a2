import { setTimeout as wait } from "node:timers/promises";
import { codeOf, seededIds, systemClock, type IdSource } from "@stellaops/kernel";
import { generateOsv, mapOsv, type Advisory, type Vuln } from "@stellaops/vuln";
import type { Journal } from "./journal.ts";

export interface LoadOptions {
  readonly vuln: Vuln;
  /** Of the process; its keys begin with it. */
  readonly name: string;
  readonly tenant: string;
  readonly journal: Journal;
  readonly seed: number;
  /** Each has keys of its own and makes one call after the other. */
  readonly workers: number;
  /** Between the turns of one worker; milliseconds. */
  readonly pauseMs: number;
  /** Ends the load after the calls in hand. */
  readonly signal: AbortSignal;
}

interface Own {
  advisory: Advisory;
  revision: bigint;
}

/** What a service does all day: creates, changes, deletes, re-creates, reads its own writes and pages. Every answer goes into the journal. */
export async function load(options: LoadOptions): Promise<void> {
  const { journal, workers } = options;
  const counts = { worstMs: 0, calls: 0 };
  const tell = (): void => journal.write({ kind: "latency", worstMs: Math.round(counts.worstMs), calls: counts.calls });
  const telling = setInterval(tell, 250);
  await Promise.all(Array.from({ length: workers }, (_, index) => new Worker(options, index, counts).run()));
  clearInterval(telling);
  tell();
}

class Worker {
  readonly #options: LoadOptions;
  readonly #index: number;
  readonly #counts: { worstMs: number; calls: number };
  readonly #ids: IdSource;
  readonly #own: Own[] = [];

  constructor(options: LoadOptions, index: number, counts: { worstMs: number; calls: number }) {
    this.#options = options;
    this.#index = index;
    this.#counts = counts;
    this.#ids = seededIds(systemClock, options.seed * 100 + index);
  }

  async run(): Promise<void> {
    const { seed, signal, pauseMs } = this.#options;
    const records = generateOsv({ count: 1_000_000, seed: seed * 100 + this.#index });
    for (let turn = 0; !signal.aborted; turn += 1) {
      const known = this.#own[turn % Math.max(this.#own.length, 1)];
      if (known === undefined || turn % 4 === 0) await this.#create(records.next().value);
      else if (turn % 23 === 0) await this.#removeAndCreateAgain(known);
      else await this.#change(known, turn);
      const read = this.#own[(turn * 7) % Math.max(this.#own.length, 1)];
      if (read !== undefined) await this.#readBack(read);
      if (turn % 10 === 0) await this.#page();
      await wait(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  get #advisories() {
    const { vuln, tenant } = this.#options;
    return vuln.tenant(tenant).advisories;
  }

  /** Each call is timed and its failure noted; the service goes on. */
  async #call<T>(verb: string, work: () => Promise<T>): Promise<T | undefined> {
    const begun = performance.now();
    try {
      return await work();
    } catch (error) {
      this.#options.journal.write({ kind: "failed", verb, code: codeOf(error) ?? "UNKNOWN", message: String(error) });
      return undefined;
    } finally {
      this.#counts.worstMs = Math.max(this.#counts.worstMs, performance.now() - begun);
      this.#counts.calls += 1;
    }
  }

  async #create(record: unknown): Promise<void> {
    const now = systemClock.now();
    const draft = mapOsv(record);
    const advisory = {
      ...draft,
      advisoryKey: `${this.#options.name}-${this.#index}-${this.#own.length}`,
      id: this.#ids.next(),
      sourceId: this.#ids.next(),
      createdAt: now,
      updatedAt: now,
    };
    const revision = await this.#call("put", () => this.#advisories.put(advisory, 0n));
    if (revision === undefined) return;
    this.#stored(advisory, revision);
    this.#own.push({ advisory, revision });
  }

  async #change(known: Own, turn: number): Promise<void> {
    const advisory = { ...known.advisory, title: `changed in turn ${turn}`, updatedAt: systemClock.now() };
    const revision = await this.#call("put", () => this.#advisories.put(advisory, known.revision));
    if (revision === undefined) return;
    this.#stored(advisory, revision);
    Object.assign(known, { advisory, revision });
  }

  async #removeAndCreateAgain(known: Own): Promise<void> {
    const { journal, tenant } = this.#options;
    const { advisory } = known;
    journal.write({ kind: "deleting", tenant, id: advisory.id });
    const gone = await this.#call("delete", () =>
      this.#advisories.delete(advisory.id, known.revision).then(() => true),
    );
    if (gone === undefined) return;
    journal.write({ kind: "deleted", tenant, id: advisory.id, revision: String(known.revision + 1n) });
    const revision = await this.#call("put", () => this.#advisories.put(advisory, 0n));
    if (revision === undefined) return;
    this.#stored(advisory, revision);
    known.revision = revision;
  }

  async #readBack({ advisory, revision }: Own): Promise<void> {
    const { journal, tenant } = this.#options;
    const found = await this.#call("get", () => this.#advisories.get(advisory.id));
    if (found === undefined || (found !== null && found.revision >= revision)) return;
    const got = found === null ? "nothing" : String(found.revision);
    journal.write({ kind: "stale", tenant, id: advisory.id, got, acknowledged: String(revision) });
  }

  async #page(): Promise<void> {
    const list = (after: string | null) =>
      this.#call("listModifiedSince", () =>
        this.#advisories.listModifiedSince(new Date("2024-01-01"), { limit: 20, after }),
      );
    const first = await list(null);
    if (first?.next) await list(first.next);
    await this.#call("search", () => this.#advisories.search("memory", { limit: 20 }));
  }

  #stored({ id, title }: Advisory, revision: bigint): void {
    const { journal, tenant } = this.#options;
    journal.write({ kind: "stored", tenant, id, revision: String(revision), title });
  }
}
