import { setTimeout as wait } from "node:timers/promises";
import { codeOf, seededIds, systemClock, type IdSource } from "@stellaops/kernel";
import { openMongo } from "@stellaops/mongo";
import { openPostgres } from "@stellaops/postgres";
import { generateOsv, mapOsv, openVuln, type Advisory, type Vuln } from "@stellaops/vuln";
import { openJournal, type Journal } from "./journal.ts";

/** A service of a team: it opens the module and uses it, and knows nothing of stages. One process; killed without warning by the demo. */
interface ServiceOptions {
  readonly name: string;
  readonly tenant: string;
  readonly postgres: string;
  readonly mongo: string;
  readonly journal: string;
  readonly seed: number;
  readonly workers: number;
}

interface Own {
  advisory: Advisory;
  revision: bigint;
}

const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());
// Ctrl-C reaches the whole group of processes: it is the demo's to decide how its services end.
process.on("SIGINT", () => {});
// The demo has ended without a word: nobody is left to stop this process, nor to read its journal.
process.once("disconnect", () => process.exit(1));

const options = JSON.parse(process.argv[2] ?? "{}") as ServiceOptions;
const postgres = openPostgres({ url: options.postgres, max: 6, applicationName: options.name });
const mongo = openMongo({ url: options.mongo, max: 10, applicationName: options.name });
const vuln = await openVuln({ postgres, mongo, stage: "record" });
const journal = openJournal(options.journal);
process.send?.("ready");

const load = new (class {
  worstMs = 0;
  calls = 0;
})();

/** Each call is timed and its failure noted; the service goes on. */
async function call<T>(verb: string, work: () => Promise<T>): Promise<T | undefined> {
  const begun = performance.now();
  try {
    return await work();
  } catch (error) {
    journal.write({ kind: "failed", verb, code: codeOf(error) ?? "UNKNOWN", message: String(error) });
    return undefined;
  } finally {
    load.worstMs = Math.max(load.worstMs, performance.now() - begun);
    load.calls += 1;
  }
}

async function worker(index: number): Promise<void> {
  const ids = seededIds(systemClock, options.seed * 100 + index);
  const records = generateOsv({ count: 1_000_000, seed: options.seed * 100 + index });
  const own: Own[] = [];
  for (let turn = 0; !stop.signal.aborted; turn += 1) {
    const known = own[turn % Math.max(own.length, 1)];
    if (known === undefined || turn % 4 === 0) await create(own, records.next().value, ids, index);
    else if (turn % 23 === 0) await removeAndCreateAgain(known);
    else await change(known, turn);
    const read = own[(turn * 7) % Math.max(own.length, 1)];
    if (read !== undefined) await readBack(read);
    if (turn % 10 === 0) await page(vuln);
    await wait(4, undefined, { signal: stop.signal }).catch(() => undefined);
  }
}

const { advisories } = vuln.tenant(options.tenant);

async function create(own: Own[], record: unknown, ids: IdSource, index: number): Promise<void> {
  const now = systemClock.now();
  const draft = mapOsv(record);
  const key = `${options.name}-${index}-${own.length}`;
  const advisory = { ...draft, advisoryKey: key, id: ids.next(), sourceId: ids.next(), createdAt: now, updatedAt: now };
  const revision = await call("put", () => advisories.put(advisory, 0n));
  if (revision === undefined) return;
  stored(advisory, revision);
  own.push({ advisory, revision });
}

async function change(known: Own, turn: number): Promise<void> {
  const advisory = { ...known.advisory, title: `changed in turn ${turn}`, updatedAt: systemClock.now() };
  const revision = await call("put", () => advisories.put(advisory, known.revision));
  if (revision === undefined) return;
  stored(advisory, revision);
  Object.assign(known, { advisory, revision });
}

async function removeAndCreateAgain(known: Own): Promise<void> {
  const { advisory } = known;
  journal.write({ kind: "deleting", tenant: options.tenant, id: advisory.id });
  const gone = await call("delete", () => advisories.delete(advisory.id, known.revision).then(() => true));
  if (gone === undefined) return;
  journal.write({ kind: "deleted", tenant: options.tenant, id: advisory.id, revision: String(known.revision + 1n) });
  const revision = await call("put", () => advisories.put(advisory, 0n));
  if (revision === undefined) return;
  stored(advisory, revision);
  known.revision = revision;
}

async function readBack({ advisory, revision }: Own): Promise<void> {
  const found = await call("get", () => advisories.get(advisory.id));
  if (found === undefined || (found !== null && found.revision >= revision)) return;
  const got = found === null ? "nothing" : String(found.revision);
  journal.write({ kind: "stale", tenant: options.tenant, id: advisory.id, got, acknowledged: String(revision) });
}

async function page(module: Vuln): Promise<void> {
  const scope = module.tenant(options.tenant).advisories;
  const first = await call("listModifiedSince", () => scope.listModifiedSince(new Date("2024-01-01"), { limit: 20 }));
  if (first?.next)
    await call("listModifiedSince", () =>
      scope.listModifiedSince(new Date("2024-01-01"), { limit: 20, after: first.next }),
    );
  await call("search", () => scope.search("memory", { limit: 20 }));
}

const stored = ({ id, title }: Advisory, revision: bigint): void =>
  journal.write({ kind: "stored", tenant: options.tenant, id, revision: String(revision), title });

const telling = setInterval(() => tell(journal), 250);
const tell = (to: Journal): void => to.write({ kind: "latency", worstMs: Math.round(load.worstMs), calls: load.calls });

await Promise.all(Array.from({ length: options.workers }, (_, index) => worker(index)));
clearInterval(telling);
tell(journal);
journal.close();
await vuln.close();
await Promise.all([postgres.close(), mongo.close()]);
process.exit();
