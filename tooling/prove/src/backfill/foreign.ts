import { setTimeout as wait } from "node:timers/promises";
import type { IdSource, TenantId } from "@stellaops/kernel";
import { MongoClient, ObjectId, type Collection, type Document } from "mongodb";
import type { Random } from "../random.ts";
import type { Rig } from "../rig.ts";

export interface Script {
  readonly url: string;
  readonly database: string;
  readonly collection: string;
  readonly tenant: TenantId;
  /** Of documents that nobody else writes. */
  readonly ids: readonly string[];
  readonly newIds: IdSource;
  readonly random: Random;
  readonly pauseMs: number;
}

/**
 * A program that knows nothing of the library: it inserts, updates, replaces and deletes documents with the plain driver, without a revision,
 * a transaction or an epoch, and has noted what it did last to each.
 */
export class Foreign implements AsyncDisposable {
  /** By id: the title; null for one that is gone. */
  readonly #last = new Map<string, string | null>();
  readonly #script: Script;
  readonly #ids: string[];
  readonly #client: MongoClient;
  readonly #documents: Collection<Document>;
  #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #writes = 0;

  constructor(script: Script) {
    this.#script = script;
    this.#ids = [...script.ids];
    this.#client = new MongoClient(script.url);
    this.#documents = this.#client.db(script.database).collection(script.collection);
  }

  get writes(): number {
    return this.#writes;
  }

  start(): void {
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.#running = (async () => {
      while (!signal.aborted) {
        await this.write();
        await wait(this.#script.pauseMs, undefined, { signal }).catch(() => undefined);
      }
    })();
    // Told by `stop`; until then it must not count as unhandled.
    this.#running.catch(() => undefined);
  }

  /** After the write in hand. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** One document, whose id is given. */
  async write(): Promise<string> {
    const { random, tenant: tenantId, newIds } = this.#script;
    const title = `foreign ${(this.#writes += 1)}`;
    const fresh = random.chance(0.2);
    const id = fresh ? newIds.next() : random.pick(this.#ids);
    const gone = fresh || this.#last.get(id) === null;
    const dice = random.next();
    if (fresh) this.#ids.push(id);
    if (gone)
      await this.#documents.insertOne({ ...(await this.#like()), _id: new ObjectId(), id, title, ...keyOf(id) });
    else if (dice < 0.25) await this.#documents.deleteOne({ tenantId, id });
    else if (dice < 0.5) await this.#replace({ tenantId, id }, title);
    else await this.#documents.updateOne({ tenantId, id }, { $set: { title } });
    this.#last.set(id, !gone && dice < 0.25 ? null : title);
    return id;
  }

  /** Another document of the same tenant, as a pattern. */
  async #like(): Promise<Document> {
    const { tenant: tenantId } = this.#script;
    const { _id, revision: _, ...found } = (await this.#documents.findOne<Document>({ tenantId })) ?? {};
    return found;
  }

  async #replace(key: Document, title: string): Promise<void> {
    const { _id, revision: _, ...found } = (await this.#documents.findOne<Document>(key)) ?? {};
    await this.#documents.replaceOne(key, { ...found, title });
  }

  /** Keys that PostgreSQL does not hold as they were left, a sentence each. */
  async lostAt(rig: Rig): Promise<readonly string[]> {
    const { tenant } = this.#script;
    const rows = await rig.sql("select id, title from vuln.advisories where tenant_id = $1", [tenant]);
    const titles = new Map(rows.map(({ id, title }) => [String(id), String(title)]));
    return [...this.#last].flatMap(([id, title]) => {
      const found = titles.get(id) ?? null;
      return found === title
        ? []
        : [`${id}: left as ${told(title)} by a script on MongoDB, ${told(found)} on PostgreSQL`];
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop().catch(() => undefined);
    await this.#client.close();
  }
}

const keyOf = (id: string): Document => ({ advisoryKey: `FOREIGN-${id}` });
const told = (title: string | null): string => (title === null ? "gone" : `"${title}"`);
